import { holdsThread } from '../ledger/pool.js';
import type { Fact, FactReader } from '../model/fact.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import { explainedBy, ledgerContext, ledgers } from './ledgers.js';
import { codeOfRoute } from './route-code.js';
import { heaviestSite } from './sites.js';
import { ascending, quantile, weightedQuantile } from './stats.js';
import { window } from './window.js';

/** libuv's thread pool: how long tasks queued, and who filled it. */
export interface PoolQueue {
  threads: number;
  probeP50Ms: number;
  probeP90Ms: number;
  probes: number;
  /** Known tasks in the window; mean number handed in and not yet answered. */
  tasks: number;
  meanInFlight: number;
  /** Share of tasks that queued longer than they worked. */
  queuedP90Ms: number;
  /** Busy time of the pool's threads by known tasks, share of threads x window, 0..1. */
  utilisation: number;
  /**
   * Where known tasks cannot have filled the pool: the user's code in requests whose waits nobody could name, as those for tasks of native
   * add-ons (bcrypt, sharp) are. Null where known tasks fill it; `location` null where no code stands out.
   */
  unseen: { route: string; location: SourceLocation | null } | null;
  /** Kinds of tasks by the time they worked, heaviest first. */
  users: PoolUser[];
}

export interface PoolUser {
  dest: string;
  tasks: number;
  workMs: number;
  shareOfWork: number;
  medianWorkMs: number;
  location: SourceLocation | null;
}

/** One probe is under way at a time, begun each tenth of a second: a slow one stands for all the time it took. */
const PROBE_EVERY_MS = 100;

/** Known tasks that work for less than this share of what the pool could do leave most of it to others. */
const KNOWN_SHARE = 0.3;
const NOTICED_MS = 10;

function unseenWork(recording: Recording, get: FactReader): PoolQueue['unseen'] {
  const [most] = explainedBy(get(ledgers), ({ account }) => account === 'unattributed' || account === 'wait/other', ['p50']);
  return most && most.ms >= NOTICED_MS ? { route: most.route, location: codeOfRoute(recording, get, most.route) } : null;
}

export const poolQueue: Fact<PoolQueue> = {
  id: 'pool-queue',
  compute(recording, get) {
    const { startUs, endUs, durationUs, session } = get(window);
    const { poolProbe } = recording.streams;
    const probesMs: number[] = [];
    const weightsMs: number[] = [];
    for (let row = 0; row < poolProbe.rows; row++) {
      // One handed in before the window and answered in it waited in both.
      if (poolProbe.tUs[row]! + poolProbe.latencyUs[row]! >= startUs && poolProbe.tUs[row]! <= endUs) {
        const ms = poolProbe.latencyUs[row]! / 1000;
        probesMs.push(ms);
        weightsMs.push(Math.max(PROBE_EVERY_MS, ms));
      }
    }
    if (probesMs.length === 0) {
      return { ok: false, because: "libuv's thread pool was not probed", enable: 'run a Node.js target with --depth light or more' };
    }
    const { waits, queuedUs } = get(ledgerContext);
    const tasks = waits.all.filter((wait) => wait.kind.startsWith('pool/') && wait.endUs > startUs && wait.startUs < endUs);
    const queuedMs = ascending(tasks.map((task) => (queuedUs.get(task.row) ?? 0) / 1000));
    const groups = new Map<string, typeof tasks>();
    for (const task of tasks) {
      const list = groups.get(task.dest || task.kind);
      if (list) list.push(task);
      else groups.set(task.dest || task.kind, [task]);
    }
    const workUs = (task: (typeof tasks)[number]): number => task.endUs - task.startUs - (queuedUs.get(task.row) ?? 0);
    const totalWorkUs = tasks.reduce((sum, task) => sum + workUs(task), 0);
    const holdingUs = tasks.filter((task) => holdsThread(task.kind)).reduce((sum, task) => sum + workUs(task), 0);
    const users = [...groups].map(([dest, list]) => {
      const work = list.reduce((sum, task) => sum + workUs(task), 0);
      return {
        dest,
        tasks: list.length,
        workMs: work / 1000,
        shareOfWork: work / Math.max(1, totalWorkUs),
        medianWorkMs: quantile(ascending(list.map((task) => workUs(task) / 1000)), 0.5),
        location: heaviestSite(recording, list, (task) => task.site, workUs),
      };
    });
    const { poolThreads } = session.limits;
    return {
      ok: true,
      value: {
        threads: poolThreads,
        probes: probesMs.length,
        probeP50Ms: weightedQuantile(probesMs, weightsMs, 0.5),
        probeP90Ms: weightedQuantile(probesMs, weightsMs, 0.9),
        tasks: tasks.length,
        meanInFlight: tasks.reduce((sum, task) => sum + Math.min(endUs, task.endUs) - Math.max(startUs, task.startUs), 0) / durationUs,
        queuedP90Ms: quantile(queuedMs, 0.9),
        utilisation: holdingUs / (durationUs * Math.max(1, poolThreads)),
        unseen: totalWorkUs < KNOWN_SHARE * durationUs * Math.max(1, poolThreads) ? unseenWork(recording, get) : null,
        users: users.sort((a, b) => b.workMs - a.workMs || (a.dest < b.dest ? -1 : 1)),
      },
    };
  },
};
