import { current, NOBODY } from './charge.js';
import { wrapDrivers } from './drivers/drivers.js';
import { wrapListenSite } from './incoming.js';
import { wrapIntervals } from './intervals.js';
import { wrapOpenFiles } from './open-files.js';
import { wrapPriority } from './priority.js';
import { wrapSockets } from './sockets.js';
import { wrapFetch } from './wait-fetch.js';
import { wrapHttp } from './wait-http.js';
import { wrapCrypto, wrapDns, wrapFs } from './wait-pool.js';
import { wrapStreams } from './wait-streams.js';
import { wrapTimers } from './wait-timers.js';
import { restoreAll, syncModules } from './wrap.js';

/** Wraps what the target may wait for, all or nothing. */
export function wrapAll(): void {
  const parts = [
    wrapFs,
    wrapIntervals,
    wrapListenSite,
    wrapOpenFiles,
    wrapPriority,
    wrapDns,
    wrapCrypto,
    wrapHttp,
    wrapFetch,
    () => wrapTimers(() => current !== NOBODY),
    wrapDrivers,
    wrapSockets,
    wrapStreams,
  ];
  try {
    for (const part of parts) part();
    syncModules();
  } catch {
    restoreAll();
  }
}
