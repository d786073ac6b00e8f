import { evidence, percent } from '../../../src/facts/evidence.js';
import { type LatencyOf, latency } from '../../../src/facts/latency.js';
import { window } from '../../../src/facts/window.js';
import type { Rule } from '../../../src/model/rule.js';

/** Below one in twenty it may be the traffic; a service whose every tenth answer is its own failure is ill whatever its latency. */
const ERROR_SHARE = 0.05;
const FEWEST_REQUESTS = 10;

export const rule: Rule = {
  id: 'http/error-responses',
  title: 'Failing requests',
  stage: 'stable',
  mimics: [],
  causes: [],
  needs: [window, latency],
  judge(get) {
    const { overall, routes } = get(latency);
    const share = overall.errors / Math.max(1, overall.count);
    const signal = ['failed requests', share, 'share', ERROR_SHARE] as const;
    if (overall.errors < FEWEST_REQUESTS || share < ERROR_SHARE) {
      return { is: 'absent', because: evidence(`${overall.errors} of ${overall.count} requests failed (5xx or no response)`, ...signal) };
    }
    const worst = [...routes].filter(([, route]) => route.errors > 0).sort((a, b) => b[1].errors - a[1].errors);
    const [first] = worst;
    return {
      is: 'present',
      findings: [
        {
          confidence: 0.95,
          symptom: 'errors',
          explainedShare: first ? first[1].errors / overall.errors : 1,
          summary: `${percent(share)} of requests fail with a server error or get no response; latency of failing requests says little about the working service.`,
          ...(first ? { route: first[0] } : {}),
          evidence: [
            evidence(`${overall.errors} of ${overall.count} requests failed`, ...signal),
            ...worst
              .slice(0, 4)
              .map(([route, value]) =>
                evidence(
                  `${route}: ${value.errors} of ${value.count} (${kinds(value)})`,
                  'failed requests of a route',
                  value.errors,
                  'requests',
                ),
              ),
          ],
          fixes: [
            {
              says: "Look at the target's own log for these requests first, and check that the paths, methods and bodies sent are those the service expects.",
            },
          ],
        },
      ],
    };
  },
};

function kinds(value: LatencyOf): string {
  const failing = Object.entries(value.statuses).filter(([status]) => status === '0' || Number(status) >= 500);
  return failing.map(([status, count]) => (status === '0' ? `${count} without a response` : `${count} × ${status}`)).join(', ');
}
