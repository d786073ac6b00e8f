import { gaveBack, took } from '../checkouts.js';
import { nowUs } from '../clock.js';
import { guarded } from '../state.js';
import { createTag } from '../tag.js';
import type { asking } from '../waits.js';
import { replace } from '../wrap.js';

type Asked = NonNullable<ReturnType<typeof asking>>;

/** Who asked, by the item that pg-pool keeps of each who waits for a client. */
const askers = createTag<Asked>();
let current: Asked | null = null;

/** pg-pool hands out every client in `_acquireClient` and takes it back in `_release` (3.2 and later). */
export function watchCheckouts(prototype: object, nameOf: (pool: object) => string, isIdle: (client: object) => boolean): void {
  replace(prototype, 'newClient', (original) => {
    return function (...args) {
      if (current && typeof args[0] === 'object' && args[0]) askers.set(args[0], current);
      return Reflect.apply(original, this, args);
    };
  });
  replace(prototype, '_acquireClient', (original) => {
    return function (...args) {
      tookFor(args[0] as object, args[1] as object, () => nameOf(this as object), isIdle);
      return Reflect.apply(original, this, args);
    };
  });
  replace(prototype, '_release', (original) => {
    return function (...args) {
      gaveBack(args[0] as object);
      return Reflect.apply(original, this, args);
    };
  });
}

const tookFor = guarded((client: object, item: object, name: () => string, isIdle: (client: object) => boolean) => {
  const asked = askers.get(item);
  // Before its first client stands, a pool does not know its server.
  if (asked) took(client, { ...asked, dest: name(), sinceUs: nowUs(), isIdle: () => isIdle(client) });
});

/** Runs a pool's connect(): what it makes or queues for a client is `asked`'s. `queue`: those who wait for one. */
export function whileAsking<T>(asked: Asked | null, queue: () => readonly object[] | undefined, body: () => T): T {
  const before = current;
  current = asked;
  try {
    return body();
  } finally {
    current = before;
    const last = asked ? queue()?.at(-1) : undefined;
    if (last && !askers.get(last)) askers.set(last, asked!);
  }
}
