import { computeThreads } from '../../../src/facts/compute-threads.js';
import { atMost, evidence, ledgerEvidence, percent } from '../../../src/facts/evidence.js';
import { explainedBy, ledgers } from '../../../src/facts/ledgers.js';
import { optional } from '../../../src/facts/reader.js';
import { type SpawnRate, spawnRates } from '../../../src/facts/spawn-rate.js';
import { threadPressure } from '../../../src/facts/threads.js';
import type { FactReader } from '../../../src/model/fact.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** Fewer in a recording are an errand now and then. */
const FEWEST = 5;
/** Nearly every request of the route begins one; below, a pool grows or replaces what failed. */
const PER_REQUEST = 0.5;
/** Of a route's time, the share that is starting the thread: what a pool would save. */
const EXPLAINS_SHARE = 0.15;
/** A request that begins several splits its work among them: where these want so many times the cores, that is what is wrong (threads/oversubscription). */
const SEVERAL_PER_REQUEST = 2;
const TOO_MANY_PER_CORE = 1.5;

export const rule: Rule = {
  id: 'threads/worker-per-request',
  title: 'A worker thread started for each request',
  stage: 'nursery',
  mimics: [
    'threads/oversubscription',
    'threads/pool-starvation',
    'runtime/event-loop-blocked',
    'cpu/noisy-neighbour',
    'network/slow-downstream',
  ],
  // As many requests at a time, as many threads.
  causes: ['threads/oversubscription', 'http/error-responses'],
  needs: [spawnRates, ledgers],
  judge(get) {
    const rates = get(spawnRates).filter(({ kind }) => kind === 'worker');
    const findings = rates.map((rate) => accuse(get, rate)).filter((found) => found !== null);
    if (findings.length > 0) return { is: 'present', findings };
    const [most] = rates;
    const says = most
      ? `${most.count} workers were started in ${most.location.function}, ${most.perRequest.toFixed(2)} per request, each up after ${most.medianStartMs.toFixed(0)} ms; ${atMost(waitOf(get, most))} is waiting for one`
      : 'no worker was started while requests were served';
    return { is: 'absent', because: evidence(says, 'workers per request', most?.perRequest ?? 0, 'workers', PER_REQUEST) };
  },
};

function accuse(get: FactReader, rate: SpawnRate): Present | null {
  const { count, perRequest, perS, location, routes, medianStartMs, medianLifeMs } = rate;
  if (count < FEWEST || perRequest < PER_REQUEST) return null;
  if (perRequest >= SEVERAL_PER_REQUEST && crowdItself(get)) return null;
  const held = waitOf(get, rate);
  if (!held || medianStartMs <= 0) return null;
  const starting = {
    ...held,
    ms: Math.min(held.ms, medianStartMs),
    share: Math.min(held.share, medianStartMs / Math.max(0.001, held.measuredMs)),
  };
  if (starting.share < EXPLAINS_SHARE) return null;
  const size = Math.max(1, (optional(get, threadPressure)?.cores ?? 2) - 1);
  return {
    confidence: Math.min(0.95, 0.8 + 0.15 * Math.min(1, count / 30)),
    symptom: 'latency',
    explainedShare: starting.share,
    summary: `${location.function} (${location.file}:${location.line}) starts a thread with a V8 of its own for each request, ${perS.toFixed(1)} a second: ${medianStartMs.toFixed(0)} ms pass before it runs a line.`,
    route: held.route,
    location,
    evidence: [
      evidence(
        `${count} workers were started, ${perRequest.toFixed(2)} per request to ${routes.slice(0, 3).join(', ')}`,
        'workers per request',
        perRequest,
        'workers',
        PER_REQUEST,
      ),
      evidence(
        `a worker was up after ${medianStartMs.toFixed(0)} ms, ${percent(medianStartMs / Math.max(medianStartMs, medianLifeMs, 0.001))} of the ${medianLifeMs.toFixed(0)} ms that it lived`,
        'worker start',
        medianStartMs,
        'ms',
      ),
      ledgerEvidence(starting, 'are starting the worker', EXPLAINS_SHARE),
    ],
    fixes: [
      {
        says: `Keep a pool of ${size} worker${size > 1 ? 's' : ''} (cores - 1) that are started once, give each a job when it is free, and queue the rest in front of them.`,
        code: "const idle = Array.from({ length: SIZE }, () => new Worker(file));\nconst worker = idle.pop() ?? (await nextIdle());\nworker.postMessage(job);\nconst [result] = await once(worker, 'message');\ngiveBack(worker);",
        change: { kind: 'scale-account', account: 'wait/worker', factor: 1 - Math.min(1, starting.ms / Math.max(0.001, held.ms)) },
      },
      { says: 'What takes less than a few milliseconds is done sooner where it is than by any worker.' },
    ],
  };
}

function waitOf(get: FactReader, { routes }: SpawnRate) {
  return explainedBy(get(ledgers), ({ account }) => account === 'wait/worker')
    .filter(({ route }) => routes.includes(route))
    .sort((a, b) => b.share - a.share)[0];
}

function crowdItself(get: FactReader): boolean {
  const own = optional(get, computeThreads);
  const cores = optional(get, threadPressure)?.cores ?? 1;
  return own?.kind === 'worker' && own.threads > cores && own.demandCores >= TOO_MANY_PER_CORE * cores;
}
