import { atMost, evidence, ledgerEvidence, megabytes as mb, percent, when } from '../../../src/facts/evidence.js';
import { gcLoad } from '../../../src/facts/gc-load.js';
import { heapRoom } from '../../../src/facts/heap-room.js';
import { type Explained, explainedBy, ledgers } from '../../../src/facts/ledgers.js';
import { window } from '../../../src/facts/window.js';
import type { Rule } from '../../../src/model/rule.js';

/** Left to itself V8 lets the old generation grow to between 1.3 and 4 times what is alive before it collects (heap/heap-controller.cc). */
const USED_SHARE = 0.55;
/** Collectors of healthy services take 1-5 % of the time. */
const SHARE_OF_WINDOW = 0.08;
/** ... and nearly all of that for young objects. */
const FULL_SHARE = 0.5;
const FEWEST_FULL = 5;
/** Of a route's requests in some percentile neighbourhood. */
const EXPLAINS_SHARE = 0.15;
/** Where requests queue for a busy thread, what they wait for is all that it does, and the pauses have their part in that. */
const SHARE_OF_BUSY = 0.12;
const NOTICED_MS = 1;
/** What is alive should take no more than this of the limit. */
const ROOM = 3;
const MIB = 2 ** 20;

export const rule: Rule = {
  id: 'memory/heap-near-limit',
  title: 'Heap near its limit',
  stage: 'nursery',
  mimics: ['memory/gc-pressure', 'memory/heap-leak', 'runtime/event-loop-blocked'],
  causes: ['memory/gc-pressure', 'runtime/event-loop-blocked', 'http/error-responses'],
  causedBy: ['memory/heap-leak'],
  needs: [window, heapRoom, gcLoad, ledgers],
  judge(get) {
    const { aliveBytes, oldLimitBytes, usedShare, fullCollections, fullMs, fullShare } = get(heapRoom);
    const load = get(gcLoad);
    const says = `${mb(aliveBytes)} stay alive, ${percent(usedShare)} of the ${mb(oldLimitBytes)} that old objects may take`;
    const signal = ['live share of the heap limit', usedShare, 'share', USED_SHARE] as const;
    const absent = (why: string) => ({ is: 'absent' as const, because: evidence(`${says}${why}`, ...signal) });
    if (usedShare < USED_SHARE) return absent('');
    if (fullCollections < FEWEST_FULL || load.share < SHARE_OF_WINDOW || fullShare < FULL_SHARE) {
      const rare = `, yet ${fullCollections} full collections took ${fullMs.toFixed(0)} ms, all collections ${percent(load.share)} of the time`;
      return absent(rare);
    }
    const held = explainedBy(get(ledgers), isPause);
    const [most] = held;
    const worst = heldMost(held) ?? heldMost(pausesIn(get(ledgers)));
    if (!most || (!worst && load.shareOfBusy < SHARE_OF_BUSY))
      return absent(`, yet pauses are ${percent(load.shareOfBusy)} of its thread's busy time and ${atMost(most)}`);
    const { durationUs, session } = get(window);
    const everyS = durationUs / 1e6 / fullCollections;
    const wantedMb = Math.ceil((ROOM * aliveBytes) / MIB / 64) * 64;
    const memory = session.limits.memoryBytes;
    const finding = {
      confidence: Math.min(0.97, 0.7 + load.share + (usedShare > 0.8 ? 0.1 : 0)),
      symptom: 'latency' as const,
      explainedShare: Math.max(worst?.share ?? 0, load.shareOfBusy),
      summary: `The heap is nearly full (${says}), so V8 collects all of it every ${everyS.toFixed(1)} s; that takes ${percent(load.share)} of the time.`,
      route: (worst ?? most).route,
      evidence: [
        evidence(says, ...signal),
        evidence(
          `${fullCollections} full collections, one every ${everyS.toFixed(1)} s; they are ${percent(fullShare)} of the pauses`,
          'full collections',
          fullCollections,
          'collections',
          FEWEST_FULL,
        ),
        evidence(`collections took ${percent(load.share)} of the time`, 'collector time', load.share, 'share', SHARE_OF_WINDOW),
        evidence(
          `${percent(load.shareOfBusy)} of the main thread's busy time`,
          'collector share of busy time',
          load.shareOfBusy,
          'share',
          SHARE_OF_BUSY,
        ),
        ledgerEvidence(worst ?? most, 'are pauses', EXPLAINS_SHARE),
        ...when(memory, (bytes) => evidence(`the container may use ${mb(bytes)}`, 'memory limit', bytes / 1e6, 'MB')),
      ],
      fixes: [
        {
          says: `Give the old generation room for about ${ROOM} times what is alive, if there is memory for it; else keep less in memory.`,
          code: `node --max-old-space-size=${wantedMb} server.js`,
          change: { kind: 'scale-account' as const, account: 'js/gc' as const, factor: 0.2 },
        },
      ],
    };
    return { is: 'present', findings: [finding] };
  },
};

function pausesIn(known: Parameters<typeof explainedBy>[0]): Explained[] {
  return [...explainedBy(known, isPause, ['p90']), ...explainedBy(known, isPause, ['p50'])];
}

function isPause({ account }: { account: string }): boolean {
  return account === 'js/gc';
}

function heldMost(held: readonly Explained[]): Explained | undefined {
  return [...held].sort((a, b) => b.share - a.share).find(({ share, ms }) => share >= EXPLAINS_SHARE && ms >= NOTICED_MS);
}
