import { onChannel } from './channels.js';
import type { Owner } from './charge.js';
import type { Owners } from './owners.js';
import { state } from './state.js';
import { createTag } from './tag.js';
import { type HalfAnswered, headArrived, newHalfAnswered } from './wait-http.js';
import { beginWait, endWait, type Wait } from './waits.js';
import { type Fn, replace } from './wrap.js';

/** What undici publishes, the built-in one of `fetch` and the npm package alike. */
interface UndiciEvent {
  request: { origin?: string | URL };
}

/** Calls of `fetch` that undici has not taken up yet; it does so a few microtasks later, where the caller is off the stack. */
const called: { wait: Wait; origin: string }[] = [];
const MAX_CALLED = 256;

const outgoing = createTag<HalfAnswered>();

/** Wraps the global `fetch` only to learn who calls it; its promise is handed on as it is. */
export function wrapFetch(): void {
  replace(globalThis, 'fetch', (original) => {
    const wrapped: Fn = function (...args) {
      if (!state.tracing) return Reflect.apply(original, this, args);
      const origin = originOf(args[0]);
      const wait = origin === null ? null : beginWait('http', origin, wrapped);
      if (wait && origin !== null) {
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
    const wait = takeCall(origin, owners.current()) ?? beginWait('http', origin, created);
    if (wait) outgoing.set(request, newHalfAnswered(wait));
  };
  const ended = (failed: boolean) => (event: UndiciEvent) => {
    const half = outgoing.get(event.request);
    if (half) endWait(half.wait, failed);
  };
  const stops = [
    onChannel('undici:request:create', created),
    onChannel('undici:request:headers', ({ request }: UndiciEvent) => {
      const half = outgoing.get(request);
      if (half) headArrived(half);
    }),
    onChannel('undici:request:trailers', ended(false)),
    onChannel('undici:request:error', ended(true)),
  ];
  return () => {
    for (const stop of stops) stop();
    called.length = 0;
  };
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

function normalOrigin(origin: string | URL | undefined): string {
  try {
    return destination(new URL(String(origin)));
  } catch {
    return 'http://(unknown)';
  }
}

function destination(url: URL): string {
  return `${url.protocol}//${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
}
