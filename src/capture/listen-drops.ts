import { readListenQueue } from '../collect/listen-queue.js';
import type { ListenQueueDocument } from '../model/recording.js';

/** How many connection attempts find no room at a port from `afterMs` on until `finish` is called: two looks. */
export interface ListenDrops {
  /** Undefined where one of the looks saw nothing. */
  finish(): Promise<ListenQueueDocument | undefined>;
}

export function watchListenDrops(port: number, pid: number, afterMs: number): ListenDrops {
  let first: ReturnType<typeof readListenQueue> | null = null;
  const timer = setTimeout(() => {
    first = readListenQueue(port, pid);
  }, afterMs);
  return {
    async finish() {
      clearTimeout(timer);
      const before = await first;
      const after = before && (await readListenQueue(port, pid));
      return before && after ? { port, backlog: after.backlog, dropped: Math.max(0, after.dropped - before.dropped) } : undefined;
    },
  };
}
