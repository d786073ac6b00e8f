import { gaveBack, took } from '../checkouts.js';
import { nowUs } from '../clock.js';
import { fingerprint } from '../fingerprint.js';
import { type ModulePatch, packageFile, prototypeOf } from '../modules.js';
import { numberOfStatement } from '../questions.js';
import { guarded, state } from '../state.js';
import { asking, beginWait, carrySite, endWait, type Wait } from '../waits.js';
import { type Fn, replace } from '../wrap.js';
import { callUntilAnswered, ending, type Queued, queue, sent } from './answers.js';

interface Config {
  host?: string;
  port?: number | string;
  database?: string;
  socketPath?: string;
}

interface Command {
  onResult?: unknown;
  start?: Fn;
  once?(event: 'end', listener: () => void): void;
}

interface Connection {
  config: Config;
  _command?: object | null;
  _closing?: boolean;
}

interface Pool {
  config: { connectionLimit: number; connectionConfig: Config };
  _freeConnections: { length: number };
  _allConnections: { length: number };
}

/**
 * mysql2. Its own channels (3.24) are not used: a listener there makes a statement without a callback run inside a promise. Connection and
 * pool moved into base/ with 3.12.
 */
export const mysqlPatches: ModulePatch[] = [
  ...['mysql2/lib/connection', 'mysql2/lib/base/connection'].map((path) => ({
    file: packageFile(path),
    apply(exports: unknown) {
      const prototype = prototypeOf(exports, 'Connection');
      if (!prototype) return;
      for (const name of ['query', 'execute']) replace(prototype, name, wrapStatement);
      replace(prototype, 'connect', wrapConnect);
    },
  })),
  ...['mysql2/lib/pool', 'mysql2/lib/base/pool'].map((path) => ({
    file: packageFile(path),
    apply(exports: unknown) {
      const prototype = prototypeOf(exports, 'Pool');
      if (!prototype) return;
      for (const name of ['query', 'execute']) replace(prototype, name, wrapPoolStatement);
      replace(prototype, 'getConnection', wrapGetConnection);
      replace(prototype, 'releaseConnection', wrapRelease);
    },
  })),
];

function wrapStatement(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    const text = state.tracing ? statementOf(args[0]) : null;
    if (text === null) return Reflect.apply(original, this, args);
    const connection = this as Connection;
    const server = serverOf(connection.config);
    const free = isBusy(connection) ? beginWait('db/pool-wait', `${server} one connection`, wrapped) : null;
    const answer = beginWait('db/execute', `${server} ${fingerprint(text, 'mysql')}`, wrapped, free?.site);
    if (answer) answer.same = numberOfStatement(text, args);
    const last = args.length - 1;
    const called = typeof args[last] === 'function';
    if (called) args[last] = ending(answer, args[last] as Fn);
    const command = Reflect.apply(original, this, args);
    if (answer) follow(command as Command, { ...queue({ free, answer }), answer }, called);
    return command;
  };
  return wrapped;
}

/** A pool hands its connection a command that is made already, with the callback in it. */
const follow = guarded((command: Command, queued: Queued & { answer: Wait }, called: boolean) => {
  if (!called && typeof command.onResult === 'function') command.onResult = ending(queued.answer, command.onResult as Fn);
  command.once?.('end', () => endWait(queued.answer, false));
  const { start } = command;
  if (!queued.free || !start) return;
  command.start = function (...args) {
    sent(queued);
    return Reflect.apply(start, this, args);
  };
});

function wrapConnect(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    if (!state.tracing || typeof args[0] !== 'function') return Reflect.apply(original, this, args);
    return callUntilAnswered(original, this, args, beginWait('db/connect', serverOf((this as Connection).config), wrapped));
  };
  return wrapped;
}

function wrapPoolStatement(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    const text = state.tracing ? statementOf(args[0]) : null;
    if (text === null) return Reflect.apply(original, this, args);
    const dest = `${serverOf((this as Pool).config.connectionConfig)} ${fingerprint(text, 'mysql')}`;
    return carrySite('db/execute', dest, wrapped, () => Reflect.apply(original, this, args));
  };
  return wrapped;
}

function wrapGetConnection(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    const [callback] = args;
    if (typeof callback !== 'function') return Reflect.apply(original, this, args);
    args[0] = takingFor(asking(poolName(this as Pool), wrapped), callback as Fn);
    if (!state.tracing) return Reflect.apply(original, this, args);
    const { config, _freeConnections: free, _allConnections: all } = this as Pool;
    const exhausted = free.length === 0 && config.connectionLimit > 0 && all.length >= config.connectionLimit;
    return callUntilAnswered(original, this, args, exhausted ? beginWait('db/pool-wait', poolName(this as Pool), wrapped) : null);
  };
  return wrapped;
}

function takingFor(asked: ReturnType<typeof asking>, callback: Fn): Fn {
  if (!asked) return callback;
  return function (...results) {
    const connection = results[1] as Connection | undefined;
    if (connection) took(connection, { ...asked, sinceUs: nowUs(), isIdle: () => !isBusy(connection) && !connection._closing });
    return Reflect.apply(callback, this, results);
  };
}

function wrapRelease(original: Fn): Fn {
  return function (...args) {
    gaveBack(args[0] as object);
    return Reflect.apply(original, this, args);
  };
}

function poolName({ config }: Pool): string {
  return `${serverOf(config.connectionConfig)} pool of ${config.connectionLimit}`;
}

/** A connection tells that it stands from within its handshake. */
function isBusy({ _command: command }: Connection): boolean {
  return Boolean(command) && !/Handshake/.test(command!.constructor.name);
}

function statementOf(statement: unknown): string | null {
  if (typeof statement === 'string') return statement;
  const { sql } = (statement ?? {}) as { sql?: unknown };
  return typeof sql === 'string' ? sql : null;
}

function serverOf({ host, port, database, socketPath }: Config): string {
  return socketPath ? `unix:${socketPath}/${database ?? ''}` : `mysql://${host ?? 'localhost'}:${port ?? 3306}/${database ?? ''}`;
}
