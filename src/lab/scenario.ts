import type { RuleId } from '../model/units.js';
import type { Draw } from './kit/draw.js';

/** What a machine must offer before a scenario can be run on it. */
export type Need = 'linux' | 'root' | 'cgroup-cpu' | 'mkfifo' | ServiceNeed;

/**
 * A real server, started for the scenario alone and ended with it; the target finds its address in the environment: POSTGRES_URL,
 * MARIADB_URL, REDIS_URL, RABBITMQ_URL.
 */
export type ServiceNeed = 'postgres' | 'mariadb' | 'redis' | 'rabbitmq';

/**
 * A seeded family of real servers. The same seed gives the same files, byte for byte; `sick` is the smallest diff a
 * developer would make. Members of `rules/healthy/` have `rule: null`: whatever the switch, every rule must stay silent.
 */
export interface Scenario {
  readonly id: RuleId | `healthy/${string}` | `chaos/${string}`;
  readonly rule: RuleId | null;
  readonly title: string;
  readonly needs: readonly Need[];
  /** Names of the different ways in which the family falls ill, in the order in which seeds visit them. */
  readonly causes: readonly string[];
  /** Must draw the same values in the same order for sick and healthy: draw first, then look at `sick`. */
  build(draw: Draw, sick: boolean): App;
}

/** A server before it is dressed as express, fastify, koa or node:http, and as ESM, CommonJS or TypeScript. */
export interface App {
  /** Name in package.json. */
  name: string;
  modules: SourceModule[];
  routes: Route[];
  /** Calls made once before the server listens, e.g. `startRefresher()`. `from` is the module that exports it. */
  boot?: { call: string; from: string }[];
  /** How many connections may wait to be accepted; the call to listen is then the cause. Absent: Node's default. */
  backlog?: number;
  /** Lines of the entry that follow the call to listen; `{server}` is the http.Server. */
  serverLines?: string[];
  /** Other files: data, views, scripts. Written as they are. */
  files?: Record<string, string>;
  nodeArgs?: string[];
  /** Environment variables of the target alone. */
  env?: Record<string, string>;
  companions?: Companion[];
  /** Servers that this member needs and others of its family do not. */
  services?: ServiceNeed[];
  /** The target alone is put into a cgroup with this CPU quota (cores). */
  quotaCores?: number;
  /** Of an app composed of several: what is wrong in which folder. */
  truths?: { rule: RuleId; folder: string }[];
  load: Load;
}

/**
 * `file`: path without extension ("lib/search"). `source` is written once, as an ES module in TypeScript: annotations stand between
 * « and » and vanish in JavaScript; relative imports carry no extension; `import.meta.dirname` names the folder,
 * `{plain}` is the extension of plain modules.
 * Guilty lines end in `//@cause`, guilty blocks stand between lines `//@cause{` and `//@cause}`; the marks are not written to the file.
 */
export interface SourceModule {
  file: string;
  source: string;
  /** A worker's entry: written as plain JavaScript also in a TypeScript project. */
  plain?: boolean;
}

/** `handler` is an exported async function `({ params, query, body }) => value` of `module`. */
export interface Route {
  method: 'GET' | 'POST';
  /** Express style: "/books/:id". */
  path: string;
  handler: string;
  module: string;
  /** Content type of a value that is a string; absent: JSON. */
  type?: string;
  /** The value is a Readable of text; needs a type. */
  streams?: true;
  /** How often it is asked for, relative to the other routes. */
  weight: number;
  /** Concrete requests, used in turn: "/books/7" or 'POST-able path {"json":1}' without the method. */
  examples: string[];
}

/** A process that runs beside the target and outside its tree. Started before it, ended after it. */
export interface Companion {
  name: string;
  /** Name of a file of the app (see `files`), run by node. */
  file: string;
  args?: string[];
  env?: Record<string, string>;
  count?: number;
  /** The target gets this variable = http://127.0.0.1:<the port the companion printed as "listening on N">. */
  urlEnv?: string;
}

export interface Load {
  ratePerS: number;
  warmupS: number;
  durationS: number;
}

export interface Truth {
  rule: RuleId | null;
  /** Every line a developer would accept as "there". Empty where the cause is not in the source. */
  lines: { file: string; line: number }[];
  /** What else is wrong, in a server composed of several illnesses. */
  also?: { rule: RuleId; lines: { file: string; line: number }[] }[];
}

export interface Variation {
  cause: string;
  framework: string;
  language: string;
  noise: string;
}

/** A scenario written to a folder, ready to be started. */
export interface Materialised {
  scenario: Scenario;
  seed: number;
  sick: boolean;
  /** Which of the family's causes, framework and language this seed drew: "fuzzy-search · koa · ts-esm · npm start". */
  flavour: string;
  /** The same in parts, for scores by part. */
  variation: Variation;
  /** npm packages that must be found from `cwd`. */
  packages: string[];
  /** To be run once in `cwd` before the start; null where nothing has to be built. */
  build: string[] | null;
  command: string[];
  /** The same server started by node itself, without npm. */
  direct: string[];
  cwd: string;
  /** PORT is 0: the server takes a free port and prints "listening on N". */
  env: Record<string, string>;
  /** Environment variables that belong to the target alone. */
  settings: Record<string, string>;
  companions: Companion[];
  services: ServiceNeed[];
  quotaCores: number | null;
  load: Load & { paths: string[] };
  truth: Truth;
}
