import { computeThreads, mostStarvedRoute } from '../../../src/facts/compute-threads.js';
import { atMost, evidence, ledgerEvidence, percent } from '../../../src/facts/evidence.js';
import { ledgers } from '../../../src/facts/ledgers.js';
import { optional } from '../../../src/facts/reader.js';
import { threadPressure } from '../../../src/facts/threads.js';
import { throttling } from '../../../src/facts/throttling.js';
import { window } from '../../../src/facts/window.js';
import type { Rule } from '../../../src/model/rule.js';

/** Own threads that want a core at the same time, per core. A right-sized pool stays near 1; its queue is in the program, not the kernel. */
const DEMAND_PER_CORE = 1.5;
/** Work that comes now and then is a burst, not a habit. */
const ACTIVE_SHARE = 0.05;
const EXPLAINS_SHARE = 0.2;
/** Less than this share of the cores is what any machine does besides. */
const NEIGHBOURS_SHARE = 0.3;
/** Above this share of throttled periods the quota, not the run queue, keeps threads waiting. */
const THROTTLED = 0.1;

export const rule: Rule = {
  id: 'threads/oversubscription',
  title: 'Thread oversubscription',
  stage: 'stable',
  mimics: [
    'cpu/noisy-neighbour',
    'cpu/quota-throttled',
    'threads/pool-starvation',
    'runtime/event-loop-blocked',
    'memory/gc-pressure',
    'network/slow-downstream',
  ],
  causes: [
    'runtime/event-loop-blocked',
    'threads/pool-starvation',
    'memory/gc-pressure',
    'network/slow-downstream',
    'http/error-responses',
  ],
  needs: [window, threadPressure, computeThreads, ledgers],
  judge(get) {
    const { cores, waitingCores, neighbourCores, mainWaitShare, involuntarySwitchesPerS } = get(threadPressure);
    const own = get(computeThreads);
    const throttled = optional(get, throttling)?.share ?? 0;
    const says = `own threads wanted ${own.demandCores.toFixed(1)} cores' worth of ${cores} while at work (${percent(own.activeShare)} of the time); all waited for a core ${waitingCores.toFixed(2)} s per second`;
    const signal = ['runnable threads per core', own.demandCores / cores, 'threads per core', DEMAND_PER_CORE] as const;
    const absent = (why: string) => ({ is: 'absent' as const, because: evidence(`${says}${why}`, ...signal) });
    if (own.demandCores < DEMAND_PER_CORE * cores || own.threads <= cores || own.activeShare < ACTIVE_SHARE) return absent('');
    if (throttled > THROTTLED) return absent(`, but ${percent(throttled)} of quota periods were throttled: the quota keeps them waiting`);
    const worst = mostStarvedRoute(get, own.waitShare);
    if (!worst || worst.share < EXPLAINS_SHARE) {
      return absent(`, but ${atMost(worst)} is waiting for it`);
    }
    const right = Math.max(1, cores - 1);
    const theirs = own.kind === 'child' ? 'child processes' : `${own.kind} threads`;
    // Children that came and went between two looks cannot be told from strangers.
    const besides =
      neighbourCores < NEIGHBOURS_SHARE * cores ? ': it is not them' : own.kind === 'child' ? ', short-lived children included' : '';
    const finding = {
      confidence: Math.min(0.98, 0.7 + 0.1 * Math.min(2, own.demandCores / cores - 1) + (own.origin ? 0.08 : 0)),
      symptom: 'latency' as const,
      explainedShare: worst.share,
      summary: `${own.threads} busy ${theirs} share ${cores} cores, so each runs a slice and then waits in the kernel's run queue.`,
      route: worst.route,
      ...(own.origin ? { location: own.origin } : {}),
      evidence: [
        evidence(says, ...signal),
        evidence(
          `${theirs}: ${own.cpuCores.toFixed(1)} cores' worth running, ${own.waitingCores.toFixed(1)} waiting (${percent(own.waitShare)} of their time)`,
          'run-queue wait',
          own.waitShare,
          'share',
        ),
        evidence(
          `the main thread had work but no core ${percent(mainWaitShare)} of the time`,
          'main run-queue wait',
          mainWaitShare,
          'share',
        ),
        evidence(
          `${involuntarySwitchesPerS.toFixed(0)} involuntary context switches per second`,
          'involuntary switches',
          involuntarySwitchesPerS,
          '1/s',
        ),
        ledgerEvidence(worst, 'are waiting for a core', EXPLAINS_SHARE),
        evidence(`neighbours used ${neighbourCores.toFixed(2)} cores${besides}`, 'neighbours', neighbourCores, 'cores'),
      ],
      fixes: [
        {
          says: `Keep one pool of ${right} ${own.kind === 'child' ? 'process' : 'worker'}${right > 1 ? (own.kind === 'child' ? 'es' : 's') : ''} (cores - 1) for computing and queue the rest in front of it; more threads than cores add switches, not speed.`,
          change: { kind: 'set-concurrency' as const, resource: own.kind, from: own.threads, to: right },
        },
      ],
    };
    return { is: 'present', findings: [finding] };
  },
};
