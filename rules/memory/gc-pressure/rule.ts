import { atMost, evidence, ledgerEvidence, percent } from '../../../src/facts/evidence.js';
import { gcLoad } from '../../../src/facts/gc-load.js';
import { type Explained, explainedBy, ledgers } from '../../../src/facts/ledgers.js';
import { window } from '../../../src/facts/window.js';
import type { Rule } from '../../../src/model/rule.js';
import type { Bucket } from '../../../src/model/units.js';

/** Collectors of healthy services take 1-5 % of the time; beyond a tenth the program works for its collector. */
const SHARE_OF_WINDOW = 0.08;
const SHARE_OF_BUSY = 0.15;
/** Of a route's requests in some percentile neighbourhood. */
const EXPLAINS_SHARE = 0.15;
const NOTICED_MS = 1;

export const rule: Rule = {
  id: 'memory/gc-pressure',
  title: 'Garbage collection pressure',
  stage: 'stable',
  mimics: ['memory/heap-leak', 'runtime/event-loop-blocked', 'cpu/quota-throttled', 'cpu/noisy-neighbour', 'threads/oversubscription'],
  causes: ['runtime/event-loop-blocked', 'http/error-responses'],
  needs: [window, gcLoad, ledgers],
  judge(get) {
    const load = get(gcLoad);
    const pauses = (among?: readonly Bucket[]): Explained[] =>
      explainedBy(get(ledgers), (entry) => entry.account === 'js/gc', among).sort((a, b) => b.share - a.share);
    const [most] = pauses();
    // Of the slowest requests pauses may be a small part although they hold most of them: those queued besides.
    const worst = [...(most ? [most] : []), ...pauses(['p90']), ...pauses(['p50'])].find(isFelt);
    const rate = load.allocatedBytesPerS >= 0 ? `, allocating ${(load.allocatedBytesPerS / 1e6).toFixed(0)} MB/s` : '';
    const signal = ['collector time', load.share, 'share', SHARE_OF_WINDOW] as const;
    const heavy = load.share >= SHARE_OF_WINDOW && load.shareOfBusy >= SHARE_OF_BUSY;
    if (!heavy || !worst) {
      return {
        is: 'absent',
        because: evidence(
          `${load.count} collections took ${percent(load.share)} of the time, longest ${load.maxPauseMs.toFixed(0)} ms${rate}; ${atMost(most)}`,
          ...signal,
        ),
      };
    }
    const [kind] = load.byKind;
    const where = load.allocator;
    return {
      is: 'present',
      findings: [
        {
          confidence: Math.min(0.97, 0.65 + load.share + (load.allocator ? 0.1 : 0)),
          symptom: 'latency',
          explainedShare: worst.share,
          summary: `Collecting garbage takes ${percent(load.share)} of the time${where ? `; most of it is allocated in ${where.function}` : ''}.`,
          route: worst.route,
          ...(where ? { location: where } : {}),
          evidence: [
            evidence(
              `${load.count} collections, ${load.pauseMs.toFixed(0)} ms in all, longest ${load.maxPauseMs.toFixed(0)} ms${rate}`,
              ...signal,
            ),
            evidence(
              `${percent(load.shareOfBusy)} of the main thread's busy time`,
              'collector share of busy time',
              load.shareOfBusy,
              'share',
              SHARE_OF_BUSY,
            ),
            ...(kind
              ? [evidence(`mostly ${kind.kind}: ${kind.count} of ${kind.ms.toFixed(0)} ms in all`, `${kind.kind} time`, kind.ms, 'ms')]
              : []),
            ledgerEvidence(worst, 'are pauses', EXPLAINS_SHARE),
            ...(where
              ? [
                  evidence(
                    `when a collection came due, ${where.function} (${where.file}:${where.line}) was running in ${percent(load.allocatorShare)} of cases`,
                    'allocator',
                    load.allocatorShare,
                    'share',
                  ),
                ]
              : []),
          ],
          fixes: [
            {
              says: 'Allocate less per request: build the result once, reuse it, stream instead of holding whole copies, avoid chains of map/filter/spread over large arrays.',
              change: { kind: 'scale-account', account: 'js/gc', factor: 0.2 },
            },
            ...(kind?.kind === 'scavenge'
              ? [
                  {
                    says: 'If the garbage is short-lived and memory is free, a larger young generation lets it die cheaply.',
                    code: 'node --max-semi-space-size=64 server.js',
                  },
                ]
              : []),
          ],
        },
      ],
    };
  },
};

function isFelt({ share, ms }: Explained): boolean {
  return share >= EXPLAINS_SHARE && ms >= NOTICED_MS;
}
