import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { builtin } from './builtin.js';
import { listenOnce } from './listen.js';
import { OutgoingCall } from './outgoing.js';
import { isLoaded } from './requests-http2.js';
import { captureFrames } from './stack.js';
import { guarded, state } from './state.js';
import { createTag } from './tag.js';
import { beginWait, shapeWait } from './waits.js';
import { type Fn, replace } from './wrap.js';

/** Sessions, by whether undici opened them, which tells of its calls itself. */
const undicis = createTag<boolean>();

/**
 * Calls over node:http2, gRPC's among them: from `session.request` until the answer has ended. Its class is not exported; a session that
 * never connects shows it. Nothing where the target has not loaded http2.
 */
export function wrapHttp2(): void {
  if (!isLoaded()) return;
  replace(clientPrototype(), 'request', (original) => {
    const wrapped: Fn = function (...args) {
      const stream = Reflect.apply(original, this, args);
      if (state.tracing) follow(this as ClientHttp2Session, stream as ClientHttp2Stream, wrapped);
      return stream;
    };
    return wrapped;
  });
}

const follow = guarded((session: ClientHttp2Session, stream: ClientHttp2Stream, below: Fn) => {
  if (isUndicis(session)) return;
  const wait = beginWait('http', destinationOf(session), below);
  if (!wait) return;
  const { ':method': method = 'GET', ':path': path = '/' } = stream.sentHeaders ?? {};
  shapeWait(wait, String(method), String(path));
  const call = new OutgoingCall(wait);
  // Its session is not connected yet.
  if (stream.pending) listenOnce(stream, 'ready', () => call.assigned(socketOf(session) ?? session));
  // A listener on it changes nothing: nobody asks whether there is one.
  stream.once('response', (headers) => call.headArrived(headers[':status']));
  listenOnce(stream, 'end', () => call.end(false));
  listenOnce(stream, 'close', () => call.end(!call.answered));
});

function isUndicis(session: ClientHttp2Session): boolean {
  let known = undicis.get(session);
  if (known === undefined) {
    known = captureFrames(isUndicis).some(({ url }) => /^node:internal\/deps\/undici|\/node_modules\/undici\//.test(url));
    undicis.set(session, known);
  }
  return known;
}

/** "https://rates.internal:443". */
function destinationOf(session: ClientHttp2Session): string {
  const protocol = internal(session, 'protocol') ?? (session.encrypted ? 'https:' : 'http:');
  return `${protocol}//${internal(session, 'authority') ?? '(unknown)'}`;
}

/** `session.socket` is a proxy, which nothing can be tied to. */
function socketOf(session: ClientHttp2Session): object | undefined {
  return internal(session, 'socket') as object | undefined;
}

/** What http2 keeps under a symbol of its own. */
function internal(session: object, name: string): unknown {
  const symbol = Object.getOwnPropertySymbols(session).find(({ description }) => description === name);
  return symbol && (session as Record<symbol, unknown>)[symbol];
}

function clientPrototype(): object {
  const { connect } = builtin<typeof import('node:http2')>('http2');
  const { Duplex } = builtin<typeof import('node:stream')>('stream');
  const nowhere = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const session = connect('http://localhost', { createConnection: () => nowhere });
  session.on('error', () => {});
  session.destroy();
  return Object.getPrototypeOf(session) as object;
}
