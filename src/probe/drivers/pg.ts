import { fingerprint } from '../fingerprint.js';
import { type ModulePatch, packageFile, prototypeOf } from '../modules.js';
import { numberOfStatement } from '../questions.js';
import { state } from '../state.js';
import { createTag } from '../tag.js';
import { asking, beginWait, carrySite } from '../waits.js';
import { type Fn, replace } from '../wrap.js';
import { callUntilAnswered, type Queued, queue, sent } from './answers.js';
import { watchCheckouts, whileAsking } from './pg-checkouts.js';

interface Client {
  host?: string;
  port?: number;
  database?: string;
  _queryQueue?: object[];
  _activeQuery?: object | null;
  /** Names of both before 8.14; reading them on a newer one prints a warning. */
  queryQueue?: object[];
  activeQuery?: object | null;
}

interface Pool {
  options: { max: number; host?: string; port?: number; database?: string; connectionString?: string };
  _idle: readonly unknown[];
  _clients: readonly Client[];
  _pendingQueue?: readonly object[];
}

/** pg and pg-pool, also below knex, TypeORM, Sequelize, Drizzle, Kysely. Neither publishes anything by itself (8.23, 3.14). */
export const pgPatches: ModulePatch[] = [
  {
    file: packageFile('pg/lib/client'),
    apply(exports) {
      const prototype = prototypeOf(exports, 'Client');
      if (!prototype) return;
      replace(prototype, 'query', wrapQuery);
      replace(prototype, 'connect', wrapConnect);
    },
  },
  {
    file: packageFile('pg/lib/query'),
    apply(exports) {
      const prototype = prototypeOf(exports, 'Query');
      if (prototype) replace(prototype, 'submit', wrapSubmit);
    },
  },
  {
    file: packageFile('pg-pool/index'),
    apply(exports) {
      const prototype = prototypeOf(exports, 'Pool');
      if (!prototype) return;
      replace(prototype, 'query', wrapPoolQuery);
      replace(prototype, 'connect', wrapPoolConnect);
      watchCheckouts(
        prototype,
        (pool) => poolName(pool as Pool),
        (client) => waitingOn(client as Client) === null,
      );
    },
  },
];

/** Statements behind others on their connection: one client shared by all requests works off one after the other. */
const queued = createTag<Queued>();

function wrapQuery(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    const text = state.tracing ? statementOf(args[0]) : null;
    if (text === null) return Reflect.apply(original, this, args);
    const client = this as Client;
    const server = serverOf(client);
    const waiting = waitingOn(client);
    const free = waiting ? beginWait('db/pool-wait', `${server} one connection`, wrapped) : null;
    const answer = beginWait('db/execute', `${server} ${fingerprint(text, 'postgres')}`, wrapped, free?.site);
    if (answer) answer.same = numberOfStatement(text, args);
    const before = waiting?.length ?? 0;
    const result = callUntilAnswered(original, this, args, answer);
    if (free && waiting && waiting.length > before) queued.set(waiting[waiting.length - 1]!, queue({ free, answer }));
    return result;
  };
  return wrapped;
}

function wrapSubmit(original: Fn): Fn {
  return function (...args) {
    const waited = state.tracing ? queued.get(this as object) : undefined;
    if (waited) sent(waited);
    return Reflect.apply(original, this, args);
  };
}

function wrapConnect(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    if (!state.tracing) return Reflect.apply(original, this, args);
    return callUntilAnswered(original, this, args, beginWait('db/connect', serverOf(this as Client), wrapped));
  };
  return wrapped;
}

function wrapPoolQuery(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    const text = state.tracing ? statementOf(args[0]) : null;
    if (text === null) return Reflect.apply(original, this, args);
    const dest = `${serverOfPool(this as Pool)} ${fingerprint(text, 'postgres')}`;
    return carrySite('db/execute', dest, wrapped, () => Reflect.apply(original, this, args));
  };
  return wrapped;
}

function wrapPoolConnect(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    const pool = this as Pool;
    const asked = asking(poolName(pool), wrapped);
    const connect = () => Reflect.apply(original, this, args);
    if (!state.tracing) return whileAsking(asked, () => pool._pendingQueue, connect);
    // With one idle it is had in the next tick; with room for one more, opening it is the wait (see wrapConnect).
    const exhausted = pool._idle.length === 0 && pool._clients.length >= pool.options.max;
    const wait = exhausted ? beginWait('db/pool-wait', poolName(pool), wrapped) : null;
    return whileAsking(
      asked,
      () => pool._pendingQueue,
      () => callUntilAnswered(original, this, args, wait),
    );
  };
  return wrapped;
}

/** The statements before which a new one must wait; null where it goes out at once. */
function waitingOn(client: Client): object[] | null {
  const old = Object.hasOwn(client, 'queryQueue');
  const queue = old ? client.queryQueue : client._queryQueue;
  const active = old ? client.activeQuery : client._activeQuery;
  return queue && (active || queue.length > 0) ? queue : null;
}

/** The text of a query; null for cursors, streams and what else brings a protocol of its own. */
function statementOf(config: unknown): string | null {
  if (typeof config === 'string') return config;
  const { text, submit } = (config ?? {}) as { text?: unknown; submit?: unknown };
  return typeof text === 'string' && typeof submit !== 'function' ? text : null;
}

function serverOf({ host = 'localhost', port = 5432, database = '' }: Client): string {
  return host.startsWith('/') ? `unix:${host}/.s.PGSQL.${port}/${database}` : `postgres://${host}:${port}/${database}`;
}

function poolName(pool: Pool): string {
  return `${serverOfPool(pool)} pool of ${pool.options.max}`;
}

/** A pool knows its server by an address with a password in it; its connections know it in parts. */
function serverOfPool({ _clients, options }: Pool): string {
  return serverOf(_clients[0] ?? ({ host: options.host, port: options.port, database: options.database } as Client));
}
