import type { IncomingMessage } from 'node:http';
import { builtin } from './builtin.js';
import { onChannel } from './channels.js';
import type { Requests } from './requests.js';
import { type Fn, replace } from './wrap.js';

/** Learns route patterns from routers that do not leave them on Node's request object. Express does; see requests.ts. */
export function watchRouters(requests: Requests): () => void {
  patchKoa(requests);
  return onChannel<{ request?: { raw?: IncomingMessage }; route?: { url?: string } }>(
    'tracing:fastify.request.handler:start',
    ({ request, route }) => {
      const owner = request?.raw && requests.ownerOf(request.raw);
      if (owner && route?.url) owner.pattern = route.url;
    },
  );
}

/** Koa keeps its context to itself, so it is caught where it is made. Koa is CommonJS also when imported: by now it is in the cache. */
function patchKoa(requests: Requests): void {
  const { _cache: cache } = builtin<{ _cache?: Record<string, { exports?: unknown } | undefined> }>('module');
  for (const path of Object.keys(cache ?? {})) {
    if (!/[\\/]koa[\\/]lib[\\/]application\.js$/.test(path)) continue;
    const prototype = (cache?.[path]?.exports as { prototype?: object } | undefined)?.prototype;
    if (prototype) replace(prototype, 'createContext', (original) => catchContext(original, requests));
  }
}

function catchContext(original: Fn, requests: Requests): Fn {
  return function (...args) {
    const context = Reflect.apply(original, this, args);
    try {
      const owner = requests.ownerOf(args[0] as IncomingMessage);
      if (owner) owner.context = context as object;
    } catch {}
    return context;
  };
}
