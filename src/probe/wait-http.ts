import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { builtin } from './builtin.js';
import { onChannel } from './channels.js';
import { NOBODY } from './charge.js';
import { nowUs } from './clock.js';
import { state } from './state.js';
import { createTag } from './tag.js';
import { beginWait, endWait, type Wait } from './waits.js';
import { type Fn, replace } from './wrap.js';

/** An outgoing HTTP request: from the call until the answer was read, or until its head came when nobody reads the rest. */
export interface HalfAnswered {
  readonly wait: Wait;
  headUs: number;
  settleEarly(): void;
}

const outgoing = createTag<HalfAnswered>();

export function newHalfAnswered(wait: Wait): HalfAnswered {
  return {
    wait,
    headUs: -1,
    settleEarly() {
      if (this.headUs >= 0) endWait(this.wait, false, this.headUs);
    },
  };
}

/** Wraps `request` and `get` of node:http and node:https. */
export function wrapHttp(): void {
  for (const scheme of ['http', 'https'] as const) {
    const module = builtin<object>(scheme);
    for (const name of ['request', 'get']) replace(module, name, (original) => wrapRequest(original, `${scheme}:`));
  }
}

/** The head of the answer is here. */
export function headArrived(half: HalfAnswered): void {
  if (half.headUs >= 0) return;
  half.headUs = nowUs();
  const { owner } = half.wait;
  if (owner === NOBODY) return;
  owner.halfAnswered ??= [];
  owner.halfAnswered.push(half);
}

export function watchHttpClient(): () => void {
  const stops = [
    onChannel<{ request: ClientRequest; response: IncomingMessage }>('http.client.response.finish', ({ request, response }) => {
      const half = outgoing.get(request);
      if (!half) return;
      headArrived(half);
      response.once('end', () => endWait(half.wait, false));
    }),
    onChannel<{ request: ClientRequest }>('http.client.request.error', ({ request }) => {
      const half = outgoing.get(request);
      if (half) endWait(half.wait, true);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function wrapRequest(original: Fn, protocol: string): Fn {
  const wrapped: Fn = function (...args) {
    if (!state.tracing) return Reflect.apply(original, this, args);
    const wait = beginWait('http', destinationOf(args, protocol), wrapped);
    const request = Reflect.apply(original, this, args);
    if (wait) track(request as ClientRequest, wait);
    return request;
  };
  return wrapped;
}

function track(request: ClientRequest, wait: Wait): void {
  try {
    const half = newHalfAnswered(wait);
    outgoing.set(request, half);
    // 'close' comes in every case, and unlike 'response' or 'error' a listener on it changes nothing.
    request.once('close', () => endWait(wait, half.headUs < 0));
  } catch {}
}

/** "http://tax.internal:8080": never the path, never credentials. */
function destinationOf(args: unknown[], protocol: string): string {
  try {
    const [first, second] = args;
    const url = typeof first === 'string' ? new URL(first) : first instanceof URL ? first : null;
    const options = ((url ? (typeof second === 'object' ? second : null) : first) ?? {}) as RequestOptions;
    if (options.socketPath) return `unix:${options.socketPath}`;
    const scheme = options.protocol ?? url?.protocol ?? protocol;
    const host = options.hostname ?? options.host ?? url?.hostname ?? 'localhost';
    const port = options.port || url?.port || options.defaultPort || (scheme === 'https:' ? 443 : 80);
    return `${scheme}//${host}:${port}`;
  } catch {
    return `${protocol}//(unknown)`;
  }
}
