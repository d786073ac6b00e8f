import type { Fact } from '../model/fact.js';
import type { ConnectionPool } from './connection-pools.js';
import { type LockQueue, lockQueues } from './lock-queues.js';
import { poolCreation } from './pool-creation.js';
import { requests } from './requests.js';
import { window } from './window.js';

const FEWEST_HAND_OFFS = 10;
/** Where answers are shared or given in batches nobody who waited lets others in; in front of a pool nearly everybody does. */
const PASSED_ON = 0.6;
/** One holder is a lock. */
const SEVERAL_HOLDERS = 1.6;
/** Of several locks, one for each key, the next is whoever waits for the same key, not whoever has waited longest. */
const IN_ORDER = 0.8;

/** Pools that the program has made of promises itself: several pass at a time, and who is done lets in whoever has waited longest. */
export const ownPools: Fact<readonly ConnectionPool[]> = {
  id: 'own-pools',
  compute(recording, get) {
    const { durationUs } = get(window);
    const perS = (routes: readonly string[]) => (get(requests).filter(({ route }) => routes.includes(route)).length / durationUs) * 1e6;
    const value = get(lockQueues)
      .filter(isPool)
      .map((queue): ConnectionPool => {
        const size = Math.round(queue.holders);
        const files = [queue.takenAt, queue.location].flatMap((place) => (place ? [place.file] : []));
        const wantedPerS = perS(queue.routes);
        return {
          server: queue.held?.dest ?? 'what they guard',
          size,
          measured: true,
          route: queue.routes[0] ?? null,
          entries: new Set(['wait/lock']),
          waits: queue.handOffs,
          waitP50Ms: queue.waitP50Ms,
          waitP90Ms: queue.waitP90Ms,
          meanWaiters: queue.meanWaiters,
          holdMs: queue.holdP50Ms,
          answerP50Ms: queue.holdP50Ms,
          wantedPerS,
          needed: (wantedPerS * queue.holdP50Ms) / 1000,
          neededAtLeast: (wantedPerS * queue.holdP10Ms) / 1000,
          location: poolCreation(recording, files, size) ?? queue.takenAt,
          takenAt: queue.takenAt,
        };
      });
    return { ok: true, value };
  },
};

function isPool({ handOffs, passedOnShare, holders, inOrderShare }: LockQueue): boolean {
  return handOffs >= FEWEST_HAND_OFFS && passedOnShare >= PASSED_ON && holders >= SEVERAL_HOLDERS && inOrderShare >= IN_ORDER;
}
