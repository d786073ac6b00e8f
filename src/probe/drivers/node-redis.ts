import { type ModulePatch, packageFile, prototypeOf } from '../modules.js';
import { state } from '../state.js';
import { beginWait, bound, dropWait, endWait } from '../waits.js';
import { endWhenSettled, type Fn, replace } from '../wrap.js';
import { callUntilAnswered } from './answers.js';
import { commandKind, commandName } from './redis-command.js';

interface Client {
  options?: { socket?: { host?: string; port?: number; path?: string }; url?: string; database?: number };
}

/**
 * redis (node-redis) 4 to 6: whoever sends commands does it through the client's queue. Its channels (6) are not used: they put a promise
 * of their own in the place of the one that is returned.
 */
export const nodeRedisPatches: ModulePatch[] = [
  {
    file: packageFile('@redis/client/dist/lib/client/index'),
    apply(exports) {
      const prototype = prototypeOf(exports, 'default');
      if (!prototype) return;
      for (const name of ['sendCommand', '_executeCommand', 'commandsExecutor', 'functionsExecuter', 'scriptsExecuter'])
        replace(prototype, name, wrapSender);
      for (const name of ['multiExecutor', '_executePipeline', '_executeMulti']) replace(prototype, name, wrapBatch);
      replace(prototype, 'connect', wrapConnect);
    },
  },
  {
    file: packageFile('@redis/client/dist/lib/client/commands-queue'),
    apply(exports) {
      const prototype = prototypeOf(exports, 'default');
      if (prototype) replace(prototype, 'addCommand', wrapAdd);
    },
  },
  {
    file: packageFile('@redis/client/dist/lib/client/pool'),
    apply(exports) {
      const prototype = prototypeOf(exports, 'RedisClientPool');
      if (prototype) replace(prototype, 'execute', wrapExecute);
    },
  },
];

/**
 * Server of the client that is just handing a command to its queue; the queue does not know it. Null while the client hands over a batch,
 * undefined where it can't be known: the commands of version 4 took hold of the client's methods before these were wrapped.
 */
let serving: string | null | undefined;

function wrapSender(original: Fn): Fn {
  return function (...args) {
    if (!state.tracing) return Reflect.apply(original, this, args);
    return whileServing(serverOf(this as Client), () => Reflect.apply(original, this, args));
  };
}

function wrapAdd(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    const result = Reflect.apply(original, this, args);
    const [words, options] = args as [readonly unknown[], { asap?: boolean } | undefined];
    // The client's own greetings overtake the rest.
    if (!state.tracing || serving === null || options?.asap) return result;
    const wait = beginWait(commandKind(words[0], words), `${serving ?? 'redis'} ${commandName(words[0])}`, wrapped);
    if (wait) endWhenSettled(result, wait);
    return result;
  };
  return wrapped;
}

function wrapBatch(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    if (!state.tracing) return Reflect.apply(original, this, args);
    const wait = beginWait('cache/execute', `${serverOf(this as Client)} pipeline`, wrapped);
    return whileServing(null, () => callUntilAnswered(original, this, args, wait));
  };
  return wrapped;
}

function wrapConnect(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    if (!state.tracing) return Reflect.apply(original, this, args);
    return callUntilAnswered(original, this, args, beginWait('cache/connect', serverOf(this as Client), wrapped));
  };
  return wrapped;
}

/** A pool calls back with a client, at once where one is idle. */
function wrapExecute(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    const [task] = args;
    if (!state.tracing || typeof task !== 'function') return Reflect.apply(original, this, args);
    const wait = beginWait('cache/pool-wait', 'redis pool', wrapped);
    let late = false;
    args[0] = bound(function (this: unknown, ...given: unknown[]) {
      if (wait && late) endWait(wait, false);
      else if (wait) dropWait(wait);
      return Reflect.apply(task as Fn, this, given);
    });
    try {
      return Reflect.apply(original, this, args);
    } finally {
      late = true;
    }
  };
  return wrapped;
}

function whileServing<T>(server: string | null, body: () => T): T {
  const before = serving;
  serving = server;
  try {
    return body();
  } finally {
    serving = before;
  }
}

function serverOf({ options = {} }: Client): string {
  const { host = 'localhost', port = 6379, path } = options.socket ?? {};
  return path ? `unix:${path}` : `redis://${host}:${port}/${options.database ?? 0}`;
}
