import { atMost, evidence, ledgerEvidence, when } from '../../../src/facts/evidence.js';
import { type Explained, explainedBy, ledgers } from '../../../src/facts/ledgers.js';
import { type SpawnRate, spawnRates } from '../../../src/facts/spawn-rate.js';
import type { FactReader } from '../../../src/model/fact.js';
import type { Present, Rule } from '../../../src/model/rule.js';
import type { Bucket } from '../../../src/model/units.js';

/** Fewer in a recording are an errand now and then. */
const FEWEST = 5;
/** Nearly every request of the route begins one; below, something is kept and the program is called when it is missing. */
const PER_REQUEST = 0.5;
/** Of a route's time, the share that is waiting for the program. */
const EXPLAINS_SHARE = 0.2;
const BUCKETS: readonly Bucket[] = ['p50', 'p90', 'p99'];

export const rule: Rule = {
  id: 'threads/spawn-per-request',
  title: 'A process started for each request',
  stage: 'stable',
  mimics: [
    'threads/oversubscription',
    'network/slow-downstream',
    'runtime/event-loop-blocked',
    'cpu/noisy-neighbour',
    'threads/pool-starvation',
  ],
  causes: ['threads/oversubscription', 'cpu/noisy-neighbour', 'http/error-responses'],
  needs: [spawnRates, ledgers],
  judge(get) {
    const rates = get(spawnRates).filter(({ kind }) => kind === 'child');
    const findings = rates.map((rate) => accuse(get, rate)).filter((found) => found !== null);
    if (findings.length > 0) return { is: 'present', findings };
    const [most] = rates;
    const waiting =
      most && explainedBy(get(ledgers), ({ account }) => account === 'wait/child').find(({ route }) => route === most.routes[0]);
    const says = most
      ? `${most.count} processes were started in ${most.location.function}, ${most.perRequest.toFixed(2)} per request; ${atMost(waiting)} is waiting for one`
      : 'no process was started while requests were served';
    return { is: 'absent', because: evidence(says, 'processes per request', most?.perRequest ?? 0, 'processes', PER_REQUEST) };
  },
};

function accuse(get: FactReader, rate: SpawnRate): Present | null {
  const { count, perRequest, perS, names, location, routes, medianLifeMs, medianCallMs } = rate;
  if (count < FEWEST || perRequest < PER_REQUEST) return null;
  const held = BUCKETS.flatMap((bucket) => heldIn(get, rate, bucket)).sort((a, b) => b.share - a.share)[0];
  if (!held || held.share < EXPLAINS_SHARE) return null;
  const program = names[0] === 'sh' || names[0] === 'bash' ? `a shell (${names[0]})` : names[0] || 'a program';
  return {
    confidence: Math.min(0.95, 0.8 + 0.15 * Math.min(1, count / 30)),
    symptom: 'latency',
    explainedShare: held.share,
    summary: `${location.function} (${location.file}:${location.line}) starts ${program} for each request: ${perS.toFixed(1)} processes a second, and every request loses ${held.ms.toFixed(0)} ms to its own.`,
    route: held.route,
    location,
    evidence: [
      evidence(
        `${count} processes were started, ${perRequest.toFixed(2)} per request to ${routes.slice(0, 3).join(', ')}`,
        'processes per request',
        perRequest,
        'processes',
        PER_REQUEST,
      ),
      ledgerEvidence(held, 'are starting the process and waiting for it', EXPLAINS_SHARE),
      ...when(medianCallMs >= 0.1, () =>
        evidence(`starting one holds the main thread for up to ${medianCallMs.toFixed(1)} ms`, 'call that starts it', medianCallMs, 'ms'),
      ),
      ...when(medianLifeMs, (ms) =>
        evidence(
          `one lives for ${ms.toFixed(0)} ms: loading the program, its libraries and its runtime included`,
          'process life',
          ms,
          'ms',
        ),
      ),
    ],
    fixes: [
      {
        says: `Do it in this process with a library, or keep one ${names[0] || 'process'} running and send it the work over a pipe; if the answer is often the same, keep it.`,
        change: { kind: 'scale-account', account: 'wait/child', factor: 0.1 },
      },
      ...(names[0] === 'sh'
        ? [{ says: 'exec starts a shell that starts the program: execFile saves one of the two, and quoting mistakes with it.' }]
        : []),
      {
        says: 'If the program must be started, limit how many run at a time to the number of cores: requests arrive faster than processes start.',
      },
    ],
  };
}

/** A request waits for its process, and before that its own turn copies this one: no more of that turn than was measured. */
function heldIn(get: FactReader, { routes, perRequest, medianCallMs }: SpawnRate, bucket: Bucket): Explained[] {
  const own = explainedBy(get(ledgers), ({ account }) => account === 'js/own', [bucket]);
  return explainedBy(get(ledgers), ({ account }) => account === 'wait/child', [bucket])
    .filter(({ route }) => routes.includes(route))
    .map((waiting) => {
      const ownMs = own.find(({ route }) => route === waiting.route)?.ms ?? 0;
      const ms = waiting.ms + Math.min(ownMs, perRequest * medianCallMs);
      return { ...waiting, ms, share: ms / Math.max(0.001, waiting.measuredMs) };
    });
}
