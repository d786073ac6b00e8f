import { onChannel } from './channels.js';
import type { Owner } from './charge.js';
import { OutgoingCall } from './outgoing.js';
import type { Owners } from './owners.js';
import { state } from './state.js';
import { createTag } from './tag.js';
import { beginWait, shapeWait, type Wait } from './waits.js';
import { type Fn, replace } from './wrap.js';

/** What undici publishes, the built-in one of `fetch` and the npm package alike. */
interface UndiciEvent {
  request: { origin?: string | URL; method?: string; path?: string };
}

/** Calls of `fetch` that undici has not taken up yet; it does so a few microtasks later, where the caller is off the stack. */
const called: { wait: Wait; origin: string }[] = [];
const MAX_CALLED = 256;

const outgoing = createTag<OutgoingCall>();

/** Wraps the global `fetch` only to learn who calls it; its promise is handed on as it is. */
export function wrapFetch(): void {
  replace(globalThis, 'fetch', (original) => {
    const wrapped: Fn = function (...args) {
      if (!state.tracing) return Reflect.apply(original, this, args);
      const origin = originOf(args[0]);
      const wait = origin === null ? null : beginWait('http', origin, wrapped);
      if (wait && origin !== null) {
        wait.queued = true;
        if (called.length >= MAX_CALLED) called.shift();
        called.push({ wait, origin });
      }
      return Reflect.apply(original, this, args);
    };
    return wrapped;
  });
}

export function watchUndici(owners: Owners): () => void {
  const created = ({ request }: UndiciEvent) => {
    const origin = normalOrigin(request.origin);
    const wait = takeDispatched() ?? takeCall(origin, owners.current()) ?? beginWait('http', origin, created);
    if (!wait) return;
    shapeWait(wait, request.method ?? 'GET', request.path ?? '/');
    outgoing.set(request, new OutgoingCall(wait));
  };
  const ended = (failed: boolean) => (event: UndiciEvent) => {
    outgoing.get(event.request)?.end(failed);
  };
  const stops = [
    onChannel('undici:request:create', created),
    onChannel('undici:client:sendHeaders', ({ request, socket }: UndiciEvent & { socket?: object }) => {
      if (socket) outgoing.get(request)?.assigned(socket);
    }),
    onChannel('undici:request:headers', ({ request, response }: UndiciEvent & { response?: { statusCode?: number } }) =>
      outgoing.get(request)?.headArrived(response?.statusCode),
    ),
    onChannel('undici:request:trailers', ended(false)),
    onChannel('undici:request:error', ended(true)),
  ];
  return () => {
    for (const stop of stops) stop();
    called.length = 0;
  };
}

/** The call that is being dispatched right now, by a dispatcher of the npm package. */
let dispatched: { wait: Wait; taken: boolean } | null = null;

export function dispatching<T>(call: { wait: Wait; taken: boolean }, body: () => T): T {
  const before = dispatched;
  dispatched = call;
  try {
    return body();
  } finally {
    dispatched = before;
  }
}

function takeDispatched(): Wait | null {
  if (!dispatched || dispatched.taken) return null;
  dispatched.taken = true;
  return dispatched.wait;
}

/** The oldest call of this owner to this origin. */
function takeCall(origin: string, owner: Owner): Wait | null {
  const index = called.findIndex((call) => call.origin === origin && call.wait.owner === owner);
  return index < 0 ? null : called.splice(index, 1)[0]!.wait;
}

function originOf(input: unknown): string | null {
  try {
    const url = new URL(typeof input === 'string' ? input : input instanceof URL ? input.href : String((input as { url?: unknown }).url));
    return url.protocol === 'http:' || url.protocol === 'https:' ? destination(url) : null;
  } catch {
    return null;
  }
}

export function normalOrigin(origin: string | URL | undefined): string {
  try {
    return destination(new URL(String(origin)));
  } catch {
    return 'http://(unknown)';
  }
}

function destination(url: URL): string {
  return `${url.protocol}//${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
}
