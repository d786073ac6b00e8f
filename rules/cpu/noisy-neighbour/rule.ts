import { atMost, evidence, ledgerEvidence, percent } from '../../../src/facts/evidence.js';
import { explainedBy, ledgers } from '../../../src/facts/ledgers.js';
import { optional } from '../../../src/facts/reader.js';
import { threadPressure } from '../../../src/facts/threads.js';
import { throttling } from '../../../src/facts/throttling.js';
import { window } from '../../../src/facts/window.js';
import type { Rule } from '../../../src/model/rule.js';

/** Share of its runnable time that the main thread has no core; 6 % was the baseline of an undisturbed machine with two cores. */
const MAIN_WAIT_SHARE = 0.25;
const NEIGHBOURS_SHARE_OF_CORES = 0.3;
const OWN_DEMAND_PER_CORE = 1.25;
const EXPLAINS_SHARE = 0.2;

export const rule: Rule = {
  id: 'cpu/noisy-neighbour',
  title: 'Noisy neighbour',
  stage: 'nursery',
  mimics: [
    'threads/oversubscription',
    'cpu/quota-throttled',
    'runtime/event-loop-blocked',
    'memory/gc-pressure',
    'threads/pool-starvation',
    'network/slow-downstream',
  ],
  causes: ['threads/pool-starvation', 'memory/gc-pressure', 'network/slow-downstream', 'http/error-responses'],
  needs: [window, threadPressure, ledgers],
  judge(get) {
    const pressure = get(threadPressure);
    const quota = optional(get, throttling);
    const others = pressure.neighbourCores + pressure.stealCores;
    const own = (pressure.cpuCores + pressure.waitingCores) / pressure.cores;
    const signal = ['neighbours', others, 'cores', NEIGHBOURS_SHARE_OF_CORES * pressure.cores] as const;
    const says = `processes outside the target used ${others.toFixed(2)} of ${pressure.cores} cores; the main thread had no core for ${percent(pressure.mainWaitShare)} of its work`;
    const throttled = (quota?.share ?? 0) > 0.1;
    if (
      others < NEIGHBOURS_SHARE_OF_CORES * pressure.cores ||
      pressure.mainWaitShare < MAIN_WAIT_SHARE ||
      own > OWN_DEMAND_PER_CORE ||
      throttled
    ) {
      return { is: 'absent', because: evidence(says, ...signal) };
    }
    const [worst] = explainedBy(get(ledgers), (entry) => entry.account === 'cpu/run-queue').sort((a, b) => b.share - a.share);
    if (!worst || worst.share < EXPLAINS_SHARE) {
      return { is: 'absent', because: evidence(`${says}, which holds ${atMost(worst)}`, ...signal) };
    }
    return {
      is: 'present',
      findings: [
        {
          confidence: Math.min(0.95, 0.6 + 0.4 * pressure.mainWaitShare),
          symptom: 'latency',
          explainedShare: worst.share,
          summary: `Other processes take ${others.toFixed(1)} of ${pressure.cores} cores, and the main thread waits its turn in the kernel's run queue.`,
          route: worst.route,
          location: { file: 'other processes on this machine', line: 0, function: '', source: 'native' },
          evidence: [
            evidence(says, ...signal),
            evidence(
              `the target's own threads wanted ${own.toFixed(2)} per core: it does not crowd itself out`,
              'own demand',
              own,
              'threads per core',
              OWN_DEMAND_PER_CORE,
            ),
            ledgerEvidence(worst, 'are waiting for a core', EXPLAINS_SHARE),
          ],
          fixes: [
            { says: 'Move the neighbour or the service: own cores (cpuset), a CPU weight or request, another machine.' },
            { says: "Where it must stay, lower the neighbour's priority.", code: 'renice +10 -p <pid>' },
          ],
        },
      ],
    };
  },
};
