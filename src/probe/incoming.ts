import type { Server, Socket } from 'node:net';
import type { RawFrame } from '../model/wire.js';
import { builtin } from './builtin.js';
import { nowUs } from './clock.js';
import type { Probe, Source } from './probe.js';
import { captureFrames } from './stack.js';
import { guarded } from './state.js';
import { type Fn, replace } from './wrap.js';

/** The members of an HTTP server that decide for how long connections of clients are kept. */
interface Keeping {
  keepAliveTimeout?: number;
  maxRequestsPerSocket?: number;
}

/** Where the target last let an HTTP server listen; that is long before anything is recorded. */
let listenedAt: RawFrame[] | null = null;

const settings = { keepAliveMs: -1, maxRequests: -1 };
let idleClosed = 0;

export function wrapListenSite(): void {
  replace(builtin<typeof import('node:net')>('net').Server.prototype, 'listen', (original) => {
    const wrapped: Fn = function (...args) {
      note(this as Server, wrapped);
      return Reflect.apply(original, this, args);
    };
    return wrapped;
  });
}

const note = guarded((server: Server, below: Fn) => {
  if ('keepAliveTimeout' in server) listenedAt = captureFrames(below);
});

/** A client's connection carries its first request. */
export function noteIncoming(socket: Socket): void {
  const { server } = socket as { server?: Keeping };
  settings.keepAliveMs = server?.keepAliveTimeout ?? -1;
  settings.maxRequests = server?.maxRequestsPerSocket ?? -1;
}

/** A client's connection has closed; its last request was answered at `answeredUs`. */
export function noteClosed(socket: Socket, answeredUs: number): void {
  const { keepAliveMs } = settings;
  // Whoever ends it leaves a sign with the other side, unless it is ourselves.
  if (keepAliveMs <= 0 || socket.readableEnded || socket.errored) return;
  // Node counts from when the loop's turn began, which may have been some time before the answer.
  if (nowUs() - answeredUs >= (keepAliveMs * 1000) / 2) idleClosed++;
}

/** Says at the end for how long the server keeps connections of clients, and how many it closed in the window because they were idle. */
export function recordIncoming(probe: Probe): Source {
  idleClosed = 0;
  return {
    mark() {
      idleClosed = 0;
    },
    finish() {
      probe.link.message({ t: 'incoming', site: listenedAt ? probe.names.site(listenedAt) : -1, ...settings, idleClosed });
    },
    stop() {},
  };
}
