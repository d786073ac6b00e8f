import type { Http2Server, Http2Session, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { carryPushes } from './bodies.js';
import { builtin } from './builtin.js';
import { listenOnce } from './listen.js';
import type { Owners } from './owners.js';
import type { RequestLog, RequestOwner } from './requests.js';
import { guarded } from './state.js';
import { createTag } from './tag.js';

export interface Http2Requests {
  /** The owner of the request that came on this stream. */
  ownerOf(stream: object): RequestOwner | undefined;
  stop(): void;
}

/** As in model/recording RequestFlag. */
const ABORTED = 1;

/**
 * HTTP/2: one request per stream. Node publishes server streams only from 22 on and nothing for the compatibility layer, so the servers'
 * `emit` is watched; `null` where the target has not loaded http2, for loading it would cost every other target 10 ms.
 */
export function recordHttp2(log: RequestLog, owners: Owners | null): Http2Requests | null {
  if (!isLoaded()) return null;
  const streams = createTag<RequestOwner>();
  const undo: (() => void)[] = [];
  let bodiesCarried = false;

  const started = guarded((stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    if (owners && !bodiesCarried) {
      bodiesCarried = true;
      // A stream's handle was made before its owner was known: what it reads would come for nobody.
      undo.push(carryPushes(owners, Object.getPrototypeOf(stream), (one) => streams.get(one)));
    }
    const owner = log.begin(headers[':method'] ?? 'GET', headers[':path'] ?? '/');
    streams.set(stream, owner);
    const port = portOf(stream.session);
    const ended = guarded(() => {
      if (owner.endUs >= 0) return;
      const status = Number(stream.sentHeaders?.[':status'] ?? 0);
      // Node finishes a stream also when its client has reset it.
      log.end(owner, { status, bytes: -1, port, flags: status === 0 || stream.aborted ? ABORTED : 0 });
    });
    // 'finish': everything was handed to the session; it does not come where the stream is torn down.
    listenOnce(stream, 'finish', ended);
    listenOnce(stream, 'close', ended);
  });

  for (const prototype of serverPrototypes()) undo.push(watchEmit(prototype, started));
  return {
    ownerOf: (stream) => streams.get(stream),
    stop() {
      for (const one of undo) one();
    },
  };
}

export function isLoaded(): boolean {
  const { moduleLoadList } = process as { moduleLoadList?: string[] };
  return moduleLoadList?.includes('NativeModule http2') ?? false;
}

/** Neither class is exported; servers that never listen show them. */
function serverPrototypes(): object[] {
  const { createServer, createSecureServer } = builtin<typeof import('node:http2')>('http2');
  return [createServer(), createSecureServer()].map((server) => Object.getPrototypeOf(server) as object);
}

type Emit = (this: Http2Server, name: string | symbol, ...args: unknown[]) => boolean;

function watchEmit(prototype: { emit?: Emit }, started: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void): () => void {
  const inherited = prototype.emit!;
  let on = true;
  const emit: Emit = function (name, ...args) {
    if (on && name === 'stream') started(args[0] as ServerHttp2Stream, args[1] as IncomingHttpHeaders);
    return Reflect.apply(inherited, this, [name, ...args]);
  };
  Object.defineProperty(prototype, 'emit', { value: emit, configurable: true, writable: true });
  return () => {
    on = false;
    if (prototype.emit === emit) delete prototype.emit;
  };
}

function portOf(session: Http2Session | undefined): number {
  try {
    return session?.socket.remotePort ?? -1;
  } catch {
    // The session is gone already.
    return -1;
  }
}
