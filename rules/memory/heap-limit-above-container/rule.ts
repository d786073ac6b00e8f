import { evidence, megabytes as mb, percent } from '../../../src/facts/evidence.js';
import { type HeapBound, heapBound } from '../../../src/facts/heap-bound.js';
import type { Rule } from '../../../src/model/rule.js';

/** Above all of the memory there is, V8 never comes to the point at which it collects all it can, or says what is wrong. */
const SHARE_OF_MEMORY = 1;
/** A risk has no share of what is felt today: it stands beside what has, below it. */
const RISK_SHARE = 0.2;
/** Node's documentation leaves a quarter of a small machine to everything beside the old generation (1.5 of 2 GB). */
const SENSIBLE_SHARE = 0.75;
const MIB = 2 ** 20;

export const rule: Rule = {
  id: 'memory/heap-limit-above-container',
  title: 'Heap limit above the memory there is',
  stage: 'nursery',
  mimics: ['memory/heap-near-limit', 'memory/heap-leak'],
  causes: [],
  needs: [heapBound],
  judge(get) {
    const bound = get(heapBound);
    const { heapLimitBytes, memoryBytes, isContainer, heapUsedBytes, rssBytes } = bound;
    const share = heapLimitBytes / memoryBytes;
    const says = `the heap may grow to ${mb(heapLimitBytes)}, ${percent(share)} of the ${mb(memoryBytes)} that ${place(bound)}`;
    const signal = evidence(says, 'heap limit of the memory there is', share, 'share', SHARE_OF_MEMORY);
    if (share <= SHARE_OF_MEMORY) return { is: 'absent', because: signal };
    const sensibleMb = Math.floor((SENSIBLE_SHARE * memoryBytes) / MIB / 16) * 16;
    const finding = {
      confidence: 0.95,
      symptom: 'risk' as const,
      explainedShare: RISK_SHARE,
      kind: isContainer ? 'container' : 'machine',
      summary: `Memory runs out before the heap does: ${says}. A leak ends in SIGKILL, without a message.`,
      evidence: [
        signal,
        evidence(`now the heap uses ${mb(heapUsedBytes)}, the whole process ${mb(rssBytes)}`, 'memory in use', rssBytes / 1e6, 'MB'),
      ],
      fixes: [
        {
          says: 'Let the limit be some three quarters of the memory there is; buffers, code, threads and what else runs there need the rest. Then V8 collects harder in time, and says "heap out of memory" with a stack if that does not help.',
          code: `node --max-old-space-size=${sensibleMb} server.js`,
        },
        ...(isContainer ? [{ says: 'Or give the container as much memory as the heap was promised, and a third more.' }] : []),
      ],
    };
    return { is: 'present', findings: [finding] };
  },
};

function place({ isContainer }: HeapBound): string {
  return isContainer ? 'its container may use' : 'the machine has';
}
