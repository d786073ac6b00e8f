import { atMost, evidence, ledgerEvidence, percent } from '../../../src/facts/evidence.js';
import { explainedBy, ledgers } from '../../../src/facts/ledgers.js';
import { throttling } from '../../../src/facts/throttling.js';
import { window } from '../../../src/facts/window.js';
import type { Fix, Rule } from '../../../src/model/rule.js';

/** Bursts may cross the quota now and then; a tenth of all periods is a quota that is too small. */
const THROTTLED_PERIODS = 0.1;
const EXPLAINS_SHARE = 0.15;
const FEWEST_PERIODS = 10;

export const rule: Rule = {
  id: 'cpu/quota-throttled',
  title: 'Throttled by the CPU quota',
  stage: 'stable',
  mimics: [
    'cpu/noisy-neighbour',
    'threads/oversubscription',
    'runtime/event-loop-blocked',
    'memory/gc-pressure',
    'threads/pool-starvation',
    'network/slow-downstream',
  ],
  causes: [
    'runtime/event-loop-blocked',
    'threads/pool-starvation',
    'memory/gc-pressure',
    'network/slow-downstream',
    'http/error-responses',
  ],
  needs: [window, throttling, ledgers],
  judge(get) {
    const { periods, throttledPeriods, throttledMs, share, quotaCores } = get(throttling);
    const quota = quotaCores === null ? 'no CPU quota is set' : `the quota is ${quotaCores.toFixed(2)} cores`;
    const signal = ['throttled periods', share, 'share', THROTTLED_PERIODS] as const;
    if (periods < FEWEST_PERIODS || share < THROTTLED_PERIODS) {
      return { is: 'absent', because: evidence(`${throttledPeriods} of ${periods} periods throttled; ${quota}`, ...signal) };
    }
    const [worst] = explainedBy(get(ledgers), (entry) => entry.account === 'cpu/throttled').sort((a, b) => b.share - a.share);
    if (!worst || worst.share < EXPLAINS_SHARE) {
      return {
        is: 'absent',
        because: evidence(`${throttledPeriods} of ${periods} periods throttled, but it holds ${atMost(worst)}; ${quota}`, ...signal),
      };
    }
    return {
      is: 'present',
      findings: [
        {
          confidence: Math.min(0.99, 0.8 + 0.2 * share),
          symptom: 'latency',
          explainedShare: worst.share,
          summary: `The CPU quota${quotaCores === null ? '' : ` of ${quotaCores.toFixed(2)} cores`} stops the process in ${percent(share)} of its periods, in the middle of requests.`,
          route: worst.route,
          location: { file: 'cgroup cpu quota', line: 0, function: '', source: 'native' },
          evidence: [
            evidence(`${throttledPeriods} of ${periods} periods throttled, ${throttledMs.toFixed(0)} ms stopped in all`, ...signal),
            ledgerEvidence(worst, 'the process was stopped', EXPLAINS_SHARE),
          ],
          fixes: [
            { says: 'Raise the quota (or remove it and keep the CPU request), or spend less CPU per request.', ...raised(quotaCores) },
            {
              says: 'Fewer threads use up a period more slowly: size worker and libuv pools by the quota, not by the cores of the machine.',
            },
          ],
        },
      ],
    };
  },
};

/** The change as data, where the quota is known. */
function raised(quotaCores: number | null): Pick<Fix, 'change'> {
  return quotaCores === null ? {} : { change: { kind: 'set-concurrency', resource: 'cpu quota', from: quotaCores, to: quotaCores * 2 } };
}
