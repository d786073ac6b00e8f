import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { builtin } from './builtin.js';
import { onChannel } from './channels.js';
import { OutgoingCall } from './outgoing.js';
import { state } from './state.js';
import { createTag } from './tag.js';
import { beginWait, shapeWait, type Wait } from './waits.js';
import { type Fn, replace } from './wrap.js';

const outgoing = createTag<OutgoingCall>();

/** Wraps `request` and `get` of node:http and node:https. */
export function wrapHttp(): void {
  for (const scheme of ['http', 'https'] as const) {
    const module = builtin<object>(scheme);
    for (const name of ['request', 'get']) replace(module, name, (original) => wrapRequest(original, `${scheme}:`));
  }
}

export function watchHttpClient(): () => void {
  const stops = [
    onChannel<{ request: ClientRequest; response: IncomingMessage }>('http.client.response.finish', ({ request, response }) => {
      const call = outgoing.get(request);
      if (!call) return;
      call.headArrived(response.statusCode);
      response.once('end', () => call.end(false));
    }),
    onChannel<{ request: ClientRequest }>('http.client.request.error', ({ request }) => {
      outgoing.get(request)?.end(true);
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
    if (wait) {
      const { method, path } = request as ClientRequest;
      shapeWait(wait, method, path);
      track(request as ClientRequest, wait);
    }
    return request;
  };
  return wrapped;
}

function track(request: ClientRequest, wait: Wait): void {
  try {
    const call = new OutgoingCall(wait);
    outgoing.set(request, call);
    // These come in every case, and unlike 'response' or 'error' a listener on them changes nothing.
    request.once('socket', (socket) => call.assigned(socket));
    request.once('close', () => call.end(!call.answered));
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
