import { followBodies } from './bodies.js';
import { expireBefore } from './charge.js';
import type { CpuTime } from './cpu-time.js';
import type { EarlySpawn } from './early-spawns.js';
import { type Keeping, keepLedger } from './keeping.js';
import type { Owners } from './owners.js';
import type { Probe, Source } from './probe.js';
import { recordRequests } from './requests.js';
import { watchRouters } from './routers.js';
import { watchUndici } from './wait-fetch.js';
import { watchHttpClient } from './wait-http.js';
import { wrapHttp2 } from './wait-http2.js';
import { watchNet } from './wait-net.js';
import { wrapFileHandles, wrapSubtle, wrapZlib } from './wait-pool.js';
import { recordThreads } from './wait-threads.js';
import { forgetUnanswered, recordWaits } from './waits.js';

/** Work that goes on this long after its request ended is more likely a pooled socket that still carries the context. */
const EXPIRES_AFTER_US = 2_000_000;

/** Requests alone. */
export function recordServed(probe: Probe): Source {
  const requests = recordRequests(probe, null);
  const stopRouters = watchRouters(requests);
  const stopBodies = followBodies(null, requests);
  return {
    pause: () => requests.pause(),
    resume: () => requests.resume(),
    stop() {
      stopRouters();
      stopBodies();
      requests.stop();
    },
  };
}

export interface WorkOptions {
  early: readonly EarlySpawn[];
  /** V8's CPU profiler is on. */
  profiled: boolean;
  cpu: CpuTime | null;
  owners: Owners;
  /** What one call of the owners' hooks costs, microseconds. */
  costPerCallUs: number;
  /** The ledger is kept all the time, whatever that costs. */
  always: boolean;
}

/** Requests, who the thread works for and what they wait for. */
export function recordWork(probe: Probe, options: WorkOptions): Source & { keeping: Keeping } {
  const { owners } = options;
  const requests = recordRequests(probe, owners);
  const stopRouters = watchRouters(requests);
  const waits = recordWaits(probe, owners);
  const threads = recordThreads(probe, owners, options.early);
  wrapZlib();
  wrapSubtle();
  wrapFileHandles();
  wrapHttp2();
  const stopBodies = followBodies(owners, requests);
  const watchClients = () => [watchHttpClient(), watchUndici(owners), watchNet()];
  let clients = watchClients();
  const stopClients = () => {
    for (const stop of clients.splice(0)) stop();
  };
  const keeping = keepLedger(probe, owners, options);
  return {
    keeping,
    pause() {
      keeping.pause();
      stopClients();
      forgetUnanswered();
      requests.pause();
    },
    resume() {
      requests.resume();
      clients = watchClients();
      keeping.resume();
    },
    flush(tUs) {
      expireBefore(tUs - EXPIRES_AFTER_US);
      waits.flush?.(tUs);
      keeping.flush?.(tUs);
    },
    mark: () => keeping.mark?.(),
    finish() {
      threads.finish?.();
      waits.finish?.();
      keeping.finish?.();
    },
    stop() {
      keeping.stop();
      stopRouters();
      requests.stop();
      stopBodies();
      stopClients();
      threads.stop();
      waits.stop();
    },
  };
}
