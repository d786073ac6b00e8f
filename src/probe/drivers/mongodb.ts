import { type ModulePatch, packageFile, prototypeOf } from '../modules.js';
import { state } from '../state.js';
import { beginWait } from '../waits.js';
import { type Fn, replace } from '../wrap.js';
import { callUntilAnswered, callUntilSettled } from './answers.js';

interface Pool {
  address?: unknown;
  availableConnectionCount?: number;
  totalConnectionCount?: number;
  options?: { maxPoolSize?: number };
}

/** mongodb 4 to 7, also below mongoose. Up to 5 these methods take callbacks, since 6 they return promises. */
export const mongoPatches: ModulePatch[] = [
  {
    file: packageFile('mongodb/lib/cmap/connection'),
    apply(exports) {
      const prototype = prototypeOf((exports as { Connection?: unknown } | undefined)?.Connection, 'Connection');
      if (prototype) replace(prototype, 'command', wrapCommand);
    },
  },
  {
    file: packageFile('mongodb/lib/cmap/connection_pool'),
    apply(exports) {
      const prototype = prototypeOf(exports, 'ConnectionPool');
      if (prototype) replace(prototype, 'checkOut', wrapCheckOut);
    },
  },
];

function wrapCommand(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    if (!state.tracing) return Reflect.apply(original, this, args);
    const server = `mongodb://${(this as { address?: unknown }).address}`;
    // The last argument of an asynchronous one may be a class, for the answer.
    const call = original.constructor.name === 'AsyncFunction' ? callUntilSettled : callUntilAnswered;
    return call(original, this, args, beginWait('db/execute', `${server}/${statementOf(args)}`, wrapped));
  };
  return wrapped;
}

function wrapCheckOut(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    const pool = this as Pool;
    if (!state.tracing || (pool.availableConnectionCount ?? 0) > 0) return Reflect.apply(original, this, args);
    const server = `mongodb://${pool.address}`;
    const size = pool.options?.maxPoolSize ?? 0;
    const exhausted = size > 0 && (pool.totalConnectionCount ?? 0) >= size;
    const wait = exhausted ? beginWait('db/pool-wait', `${server} pool of ${size}`, wrapped) : beginWait('db/connect', server, wrapped);
    return callUntilAnswered(original, this, args, wait);
  };
  return wrapped;
}

/** "shop find orders", "shop aggregate orders $match,$group": names only, of filters and documents nothing. */
function statementOf([namespace, command]: unknown[]): string {
  const { db, collection } = (namespace ?? {}) as { db?: unknown; collection?: unknown };
  const document = (command ?? {}) as Record<string, unknown>;
  const name = Object.keys(document)[0] ?? 'command';
  const target = typeof document[name] === 'string' ? document[name] : (document['collection'] ?? collection ?? '');
  const stages = Array.isArray(document['pipeline']) ? document['pipeline'].map((stage) => Object.keys(Object(stage))[0] ?? '') : [];
  return [db ?? '', name, typeof target === 'string' ? target : '', stages.slice(0, 12).join()].filter(Boolean).join(' ').slice(0, 200);
}
