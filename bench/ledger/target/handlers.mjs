// One handler per way of spending time. Each notes what it did (marks.mjs); the framework around them is somebody else's.
import { AsyncResource } from 'node:async_hooks';
import { execFile } from 'node:child_process';
import { pbkdf2 } from 'node:crypto';
import * as dns from 'node:dns';
import { EventEmitter, once } from 'node:events';
import { Agent, get } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { BURN, BURNT, CALL, CALLED, COLLECT, COLLECTED, LEAVE, mark, nextRequest, nowUs, RESUME, threadTimes } from './marks.mjs';

const [TIMER, HTTP, DNS, WORKER, LOCK, POOL, CHILD, DB] = [0, 1, 2, 3, 4, 5, 6, 7];
const downstream = process.env.DOWNSTREAM_PORT;
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
if (process.env.DNS_PORT) dns.setServers([`127.0.0.1:${process.env.DNS_PORT}`]);

/** Holds the thread for `ms` of its own CPU time, as near as the clock tells. */
function burn(request, ms) {
  mark(request, BURN);
  let waitedUs = threadTimes()[1];
  let until = performance.now() + ms;
  for (;;) {
    while (performance.now() < until);
    const [, nowWaitedUs] = threadTimes();
    if (nowWaitedUs - waitedUs < 50) break;
    until += (nowWaitedUs - waitedUs) / 1000;
    waitedUs = nowWaitedUs;
  }
  mark(request, BURNT);
}

/** `begin` resolves to the moment at which the other side was done. */
async function wait(request, kind, begin) {
  mark(request, CALL, kind);
  const answer = begin();
  mark(request, CALLED);
  const readyUs = await answer;
  mark(request, RESUME, readyUs);
}

const timer = (ms) => async () => {
  const dueUs = nowUs() + ms * 1000;
  await sleep(ms);
  // libuv counts whole milliseconds: a timer may run up to one early or late.
  return Math.min(dueUs, nowUs());
};
const overHttp = () =>
  new Promise((resolve, reject) => {
    get({ port: downstream, host: '127.0.0.1', path: '/', agent }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk) => (body += chunk));
      answer.on('end', () => resolve(Number(body)));
    }).on('error', reject);
  });
const overFetch = async () => Number(await (await fetch(`http://127.0.0.1:${downstream}/`)).text());
/** The server's address is the low half of its clock. */
const overDns = async () => {
  const [address] = await dns.promises.resolve4('burns.test');
  const low = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const now = nowUs();
  const high = Math.floor(now / 2 ** 32) * 2 ** 32;
  return high + low > now ? high + low - 2 ** 32 : high + low;
};

const worker = new Worker(new URL('./echo-worker.mjs', import.meta.url), { execArgv: [], env: { NODE_OPTIONS: '' } });
worker.unref();
const answers = new Map();
worker.on('message', ({ id, atUs }) => {
  answers.get(id)(atUs);
  answers.delete(id);
});
const overWorker = (id) => () =>
  new Promise((resolve) => {
    answers.set(id, resolve);
    worker.postMessage({ id });
  });

/** A mutex as it is often written; its holder says when it let go. */
let tail = Promise.resolve(0);
function lock() {
  let release = () => {};
  const before = tail;
  tail = new Promise((resolve) => {
    release = () => resolve(nowUs());
  });
  return { before, release };
}

/** A job queue that hands callbacks back in their own context, like generic pools do. */
const jobs = [];
setInterval(() => {
  for (const job of jobs.splice(0)) job();
}, 1).unref();
const byQueue = (job) => {
  const resource = new AsyncResource('Job');
  return new Promise((resolve) => jobs.push(() => resource.runInAsyncScope(() => resolve(job()))));
};

const handler = (route, body) => async () => {
  const request = nextRequest(route);
  await body(request);
  mark(request, LEAVE);
  return { ok: true };
};

export const spin = handler(0, (request) => burn(request, 5));

export const pieces = handler(1, async (request) => {
  burn(request, 1);
  await null;
  burn(request, 1);
  await new Promise((resolve) => queueMicrotask(() => resolve(burn(request, 1))));
  await new Promise((resolve) => process.nextTick(() => resolve(burn(request, 1))));
  await new Promise((resolve) => setImmediate(() => resolve(burn(request, 1))));
  const emitter = new EventEmitter();
  setImmediate(() => emitter.emit('go'));
  await once(emitter, 'go');
  burn(request, 1);
  for await (const _ of Readable.from(['a', 'b'])) burn(request, 1);
  await byQueue(() => burn(request, 1));
  await new Promise((resolve) => {
    mark(request, CALL, TIMER);
    const dueUs = nowUs() + 2000;
    setTimeout(() => {
      mark(request, RESUME, dueUs);
      resolve(burn(request, 1));
    }, 2);
    mark(request, CALLED);
  });
});

export const sleeping = handler(2, (request) => wait(request, TIMER, timer(20)));
export const calling = handler(3, (request) => wait(request, HTTP, overHttp));
export const fetching = handler(4, (request) => wait(request, HTTP, overFetch));
export const resolving = handler(5, (request) => wait(request, DNS, overDns));
export const working = handler(6, (request) => wait(request, WORKER, overWorker(request)));

export const locked = handler(7, async (request) => {
  const { before, release } = lock();
  await wait(request, LOCK, async () => (await before) || nowUs());
  await wait(request, TIMER, timer(10));
  release();
});

export const collecting = handler(8, (request) => {
  mark(request, COLLECT);
  globalThis.gc();
  mark(request, COLLECTED);
});

export const hashing = handler(9, (request) =>
  wait(request, POOL, async () => {
    await promisify(pbkdf2)('secret', 'salt', 12_000, 32, 'sha256');
    return nowUs();
  }),
);

/** Between the wall clock, which others can tell, and ours; exact at a tick of the former, unless the thread lost its core there. */
function wallOffsetUs() {
  let offsetUs = -Infinity;
  for (let i = 0; i < 8; i++) {
    const before = Date.now();
    let now = before;
    while (now === before) now = Date.now();
    offsetUs = Math.max(offsetUs, now * 1000 - nowUs());
  }
  return offsetUs;
}
const offsetUs = wallOffsetUs();

// `exec`: what a shell does after its last command is the child's time as well, and nobody would tell.
export const spawning = handler(10, (request) =>
  wait(request, CHILD, async () => {
    const { stdout } = await promisify(execFile)('sh', ['-c', 'sleep 0.05; exec date +%s%N']);
    return Number(stdout) / 1000 - offsetUs;
  }),
);

const pool = process.env.PG_URL ? new (await import('pg')).default.Pool({ connectionString: process.env.PG_URL, max: 40 }) : null;

export const querying = handler(12, (request) =>
  wait(request, DB, async () => {
    const { rows } = await pool.query('SELECT pg_sleep(0.02), extract(epoch FROM clock_timestamp()) * 1e6 AS "atUs"');
    return Number(rows[0].atUs) - offsetUs;
  }),
);

const much = 'x'.repeat(24 * 2 ** 20);

/** More than the kernel buffers: the answer is on its way for as long as the client does not read. */
export const sending = async () => {
  const request = nextRequest(11);
  mark(request, LEAVE);
  return much;
};
