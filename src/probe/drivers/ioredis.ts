import { type ModulePatch, packageFile, prototypeOf } from '../modules.js';
import { state } from '../state.js';
import { createTag } from '../tag.js';
import { beginWait } from '../waits.js';
import { endWhenSettled, type Fn, replace } from '../wrap.js';
import { callUntilAnswered, type Queued, queue, sent } from './answers.js';
import { commandKind, commandName } from './redis-command.js';

interface Redis {
  status?: string;
  options?: { host?: string; port?: number; path?: string; db?: number };
}

interface Command {
  name?: unknown;
  args?: readonly unknown[];
  promise?: unknown;
}

/**
 * ioredis 4 to 6. The channels of version 6 are not used: with a listener there every command gets a promise that is handled already, so
 * that a rejection nobody handles would go unnoticed.
 */
export const ioredisPatches: ModulePatch[] = [
  ...['ioredis/built/Redis', 'ioredis/built/redis/index'].map((path) => ({
    file: packageFile(path),
    apply(exports: unknown) {
      const prototype = prototypeOf(exports, 'Redis');
      if (!prototype) return;
      replace(prototype, 'sendCommand', wrapSend);
      replace(prototype, 'connect', wrapConnect);
    },
  })),
  ...['ioredis/built/Pipeline', 'ioredis/built/pipeline'].map((path) => ({
    file: packageFile(path),
    apply(exports: unknown) {
      const prototype = prototypeOf(exports, 'Pipeline');
      if (prototype) replace(prototype, 'exec', wrapPipeline);
    },
  })),
];

/** Commands come by again when the connection stands at last, or stands again. */
const known = createTag<Queued>();
let executing = false;

function wrapSend(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    const [command, stream] = args as [Command | undefined, { isPipeline?: boolean } | undefined];
    if (!state.tracing || !command || stream?.isPipeline) return Reflect.apply(original, this, args);
    const before = known.get(command);
    if (before) sent(before);
    else begin(this as Redis, command, wrapped);
    return Reflect.apply(original, this, args);
  };
  return wrapped;
}

function begin(redis: Redis, command: Command, below: Fn): void {
  const server = serverOf(redis);
  const free = redis.status === 'ready' ? null : beginWait('cache/connect', server, below);
  const answer = beginWait(commandKind(command.name, command.args), `${server} ${commandName(command.name)}`, below, free?.site);
  if (!answer) return;
  endWhenSettled(command.promise, answer);
  known.set(command, queue({ free, answer }));
}

/** All commands of a pipeline, or of a transaction, are one way there and back. */
function wrapPipeline(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    // A transaction's exec calls the pipeline's.
    if (!state.tracing || executing) return Reflect.apply(original, this, args);
    executing = true;
    try {
      const server = serverOf((this as { redis?: Redis }).redis ?? {});
      return callUntilAnswered(original, this, args, beginWait('cache/execute', `${server} pipeline`, wrapped));
    } finally {
      executing = false;
    }
  };
  return wrapped;
}

function wrapConnect(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    if (!state.tracing) return Reflect.apply(original, this, args);
    return callUntilAnswered(original, this, args, beginWait('cache/connect', serverOf(this as Redis), wrapped));
  };
  return wrapped;
}

function serverOf({ options = {} }: Redis): string {
  const { host = 'localhost', port = 6379, path, db = 0 } = options;
  return path ? `unix:${path}` : `redis://${host}:${port}/${db}`;
}
