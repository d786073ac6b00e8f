import type { Fact, FactReader } from '../model/fact.js';
import { latency } from './latency.js';
import { poolQueue } from './pool-queue.js';
import { optional } from './reader.js';
import { threadPressure } from './threads.js';
import { window } from './window.js';

/** The resource that is nearest to being used up. */
export interface Headroom {
  resource: string;
  /** Of what there is of it, 0..1. */
  usedShare: number;
  /** Requests per second at which nothing of it is left, if each goes on to need what it needs now. */
  fullAtPerS: number;
}

/** Below this a resource says nothing about a limit: what is used then is not what the requests need. */
const LEAST_SHARE = 0.02;

/**
 * What would run out first if there were more of the same requests. Queues form before that: at 80 % a request already waits four turns
 * on average (M/M/1).
 */
export const headroom: Fact<Headroom> = {
  id: 'headroom',
  compute(recording, get) {
    const { limits } = get(window).session;
    const { perS } = get(latency).overall;
    const processes = recording.documents.processes.filter(({ role }) => role === 'target').length;
    const [nearest] = usesOf(get, Math.max(1, processes), limits.quotaCores).sort((a, b) => b.usedShare - a.usedShare);
    if (!nearest)
      return { ok: false, because: "what the target's threads used was not recorded", enable: 'run on Linux with a readable /proc' };
    if (nearest.usedShare < LEAST_SHARE || perS <= 0)
      return { ok: false, because: 'too little of anything was used to tell what would run out' };
    return { ok: true, value: { ...nearest, fullAtPerS: perS / nearest.usedShare } };
  },
};

function usesOf(get: FactReader, processes: number, quotaCores: number | null): Omit<Headroom, 'fullAtPerS'>[] {
  const threads = optional(get, threadPressure);
  const pool = optional(get, poolQueue);
  const main = threads?.byKind.find(({ kind }) => kind === 'main');
  return [
    ...(main
      ? [
          {
            resource: processes > 1 ? `the main threads of ${processes} processes` : 'the main thread',
            usedShare: main.cpuCores / processes,
          },
        ]
      : []),
    ...(threads && quotaCores !== null
      ? [{ resource: `the CPU quota of ${quotaCores} cores`, usedShare: threads.cpuCores / quotaCores }]
      : []),
    ...(threads ? [{ resource: `the machine's ${threads.cores} cores`, usedShare: threads.cpuCores / threads.cores }] : []),
    ...(pool ? [{ resource: `libuv's pool of ${pool.threads} threads`, usedShare: pool.utilisation }] : []),
  ];
}
