import { atMost, evidence, ledgerEvidence, percent } from '../../../src/facts/evidence.js';
import { explainedBy, ledgers } from '../../../src/facts/ledgers.js';
import { niceness } from '../../../src/facts/niceness.js';
import { optional } from '../../../src/facts/reader.js';
import { threadPressure } from '../../../src/facts/threads.js';
import { throttling } from '../../../src/facts/throttling.js';
import { window } from '../../../src/facts/window.js';
import { placeWords } from '../../../src/model/place.js';
import type { Rule } from '../../../src/model/rule.js';

/** From nice 5 on, a thread is worth a third of an ordinary one or less; below, the neighbours are the cause, not the priority. */
const LEAST_NICE = 5;
/** Share of its runnable time that the main thread has no core; 6 % was the baseline of an undisturbed machine with two cores. */
const MAIN_WAIT_SHARE = 0.25;
const NEIGHBOURS_SHARE_OF_CORES = 0.3;
const THROTTLED = 0.1;
const EXPLAINS_SHARE = 0.2;

export const rule: Rule = {
  id: 'cpu/low-priority',
  title: 'Low scheduling priority',
  stage: 'nursery',
  mimics: ['cpu/quota-throttled', 'threads/oversubscription', 'runtime/event-loop-blocked', 'network/slow-downstream'],
  causes: [
    'cpu/noisy-neighbour',
    'threads/pool-starvation',
    'threads/oversubscription',
    'memory/gc-pressure',
    'network/slow-downstream',
    'http/error-responses',
  ],
  needs: [window, niceness, threadPressure, ledgers],
  judge(get) {
    const { nice, weight, setAt } = get(niceness);
    const { mainWaitShare, neighbourCores, stealCores, cores } = get(threadPressure);
    const says = `the main thread runs at nice ${nice}: where it meets an ordinary thread it gets ${percent(weight / (1 + weight))} of the core`;
    const signal = ['nice', nice, 'level', LEAST_NICE] as const;
    const absent = (why: string) => ({ is: 'absent' as const, because: evidence(`${says}${why}`, ...signal) });
    if (nice < LEAST_NICE) return { is: 'absent', because: evidence(`the main thread runs at nice ${nice}`, ...signal) };
    if (mainWaitShare < MAIN_WAIT_SHARE) return absent(`, but it lacked a core for only ${percent(mainWaitShare)} of its work`);
    if (neighbourCores + stealCores < NEIGHBOURS_SHARE_OF_CORES * cores) return absent(', but nobody else wanted the cores');
    const throttled = optional(get, throttling)?.share ?? 0;
    if (throttled > THROTTLED) return absent(`, but ${percent(throttled)} of quota periods were throttled: the quota keeps it waiting`);
    const [worst] = explainedBy(get(ledgers), ({ account }) => account === 'cpu/run-queue').sort((a, b) => b.share - a.share);
    if (!worst || worst.share < EXPLAINS_SHARE) return absent(`, which holds ${atMost(worst)}`);
    const finding = {
      confidence: Math.min(0.96, 0.7 + 0.3 * mainWaitShare),
      symptom: 'latency' as const,
      explainedShare: worst.share,
      summary: `The process runs at nice ${nice}, so everything else on the machine goes before it: it had no core for ${percent(mainWaitShare)} of its work.`,
      route: worst.route,
      ...(setAt ? { location: setAt } : {}),
      evidence: [
        evidence(says, ...signal),
        evidence(
          `the main thread had work but no core ${percent(mainWaitShare)} of the time it had work`,
          'main run-queue wait',
          mainWaitShare,
          'share',
          MAIN_WAIT_SHARE,
        ),
        evidence(
          `others used ${neighbourCores.toFixed(2)} of ${cores} cores`,
          'neighbours',
          neighbourCores,
          'cores',
          NEIGHBOURS_SHARE_OF_CORES * cores,
        ),
        ledgerEvidence(worst, 'are waiting for a core', EXPLAINS_SHARE),
      ],
      fixes: [
        {
          says: setAt
            ? `Do not lower the whole process's priority in ${placeWords(setAt)}: do background work in a process of its own and be nice there.`
            : 'Start the server at the ordinary priority (no `nice`, no `Nice=` in its unit, no low CPU weight); be nice in the batch job instead.',
          code: 'renice -n 0 -p <pid>',
          change: { kind: 'scale-account' as const, account: 'cpu/run-queue' as const, factor: 0.2 },
        },
      ],
    };
    return { is: 'present', findings: [finding] };
  },
};
