import { readFileSync } from 'node:fs';
import { DdxError } from '../../errors.js';
import type { Arrivals } from '../../load/load.js';
import type { Arguments } from '../arguments.js';
import { type LoadSource, loadSource } from './source.js';
import type { ArrivalKind, Goal, Ramp } from './values.js';

/** What `ddx load` was asked to do, without contradictions. */
export interface LoadPlan {
  url: URL;
  source: LoadSource;
  protocol: 'http1' | 'http2' | 'websocket';
  /** Sockets that listen. */
  broadcast: number | undefined;
  /** Undefined: as the protocol has it. */
  streams: number | undefined;
  headers: Record<string, string>;
  arrivals: Arrivals;
  durationS: number;
  warmupS: number;
  waitMs: number;
  timeoutMs: number;
  threads: number;
  maxConnections: number;
  seed: number;
  insecure: boolean;
  goals: Goal[];
  findKnee: boolean;
}

const DEFAULT_RATE_PER_S = 50;
const DEFAULT_DURATION_MS = 10_000;
/** After the last request of a trace, so that it is in. */
const TRACE_END_MS = 100;
const KNEE_STEP_MS = 5_000;
const DEFAULT_WARMUP_MS = 2_000;
const DEFAULT_WAIT_MS = 10_000;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_CONNECTIONS = 1_024;

/** Throws DDX_USAGE for what cannot be meant. */
export async function planLoad(args: Arguments): Promise<LoadPlan> {
  const given = parseUrl(args);
  const isSocket = args.given('ws') || /^ws/.test(given.protocol);
  const url = new URL(given.href.replace(/^ws/, 'http'));
  const source = await loadSource(args, url);
  const arrivals = arrivalsOf(args, source);
  const isTrace = arrivals.kind === 'trace';
  if (args.given('find-knee') && args.all('goal').length === 0)
    throw new DdxError('DDX_USAGE', '--find-knee needs a goal to be met.', 'For example: --find-knee --goal p99=300ms');
  if (args.given('find-knee') && (arrivals.kind !== 'open' || arrivals.rampToPerS !== undefined))
    throw new DdxError('DDX_USAGE', '--find-knee tries one rate after the other.', 'Give --rate for the first, or nothing.');
  const durationMs =
    args.get<number>('for') ??
    (isTrace ? arrivals.atUs.at(-1)! / 1_000 + TRACE_END_MS : args.given('find-knee') ? KNEE_STEP_MS : DEFAULT_DURATION_MS);
  if (durationMs === 0) throw new DdxError('DDX_USAGE', '--for 0 measures nothing.', '--for takes a duration such as 30s.');
  return {
    url,
    source,
    protocol: protocolOf(args, isSocket),
    broadcast: args.get<number>('broadcast'),
    streams: args.get<number>('streams'),
    headers: Object.fromEntries(args.all<[string, string]>('header')),
    arrivals,
    durationS: durationMs / 1_000,
    warmupS: (args.get<number>('warmup') ?? (isTrace ? 0 : DEFAULT_WARMUP_MS)) / 1_000,
    waitMs: args.get<number>('wait') ?? DEFAULT_WAIT_MS,
    timeoutMs: Math.max(1, args.get<number>('timeout') ?? DEFAULT_TIMEOUT_MS),
    threads: args.get<number>('threads') ?? 1,
    maxConnections: args.get<number>('max-connections') ?? DEFAULT_MAX_CONNECTIONS,
    seed: args.get<number>('seed') ?? 1,
    insecure: args.given('insecure'),
    goals: args.all<Goal>('goal'),
    findKnee: args.given('find-knee'),
  };
}

function protocolOf(args: Arguments, isSocket: boolean): LoadPlan['protocol'] {
  if (args.given('streams') && !args.given('http2'))
    throw new DdxError('DDX_USAGE', '--streams makes sense over HTTP/2 only.', 'Add --http2, or leave it out.');
  if (!isSocket && args.given('broadcast'))
    throw new DdxError('DDX_USAGE', '--broadcast makes sense over WebSocket only.', 'Add --ws, or write the URL as ws://...');
  if (!isSocket) return args.given('http2') ? 'http2' : 'http1';
  const stray = (['http2', 'scenario', 'trace'] as const).find((option) => args.given(option));
  if (stray)
    throw new DdxError('DDX_USAGE', `--${stray} makes no sense over WebSocket.`, 'Leave it out, or load the HTTP side of the server.');
  if (args.get<number>('broadcast') === 1) throw new DdxError('DDX_USAGE', '--broadcast 1 has nobody who listens.', 'Give 2 or more.');
  return 'websocket';
}

/** "http://host:3000/x", "host:3000/x" and ":3000". */
function parseUrl(args: Arguments): URL {
  const [text, more] = args.words;
  if (text === undefined) throw badUrl('There is no URL to load.');
  if (more !== undefined) throw badUrl(`There is one URL too many: ${more}.`);
  const full = /^[a-z]+:\/\//i.test(text) ? text : `http://${text.startsWith(':') ? `localhost${text}` : text}`;
  if (!URL.canParse(full)) throw badUrl(`"${text}" is not a URL.`);
  const url = new URL(full);
  if (!['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol)) throw badUrl(`${url.protocol}// can't be loaded.`);
  if (url.username || url.password)
    throw badUrl('The URL holds a user or password.', 'Send it as a header: --header "Authorization: Basic ...".');
  return url;
}

function badUrl(message: string, next = 'Write it like ddx load http://localhost:3000/orders --rate 200'): DdxError {
  return new DdxError('DDX_USAGE', message, next);
}

function arrivalsOf(args: Arguments, { atMs }: LoadSource): Arrivals {
  const rate = args.get<number>('rate');
  const connections = args.get<number>('connections');
  const ramp = args.get<Ramp>('ramp');
  const kind = args.get<ArrivalKind>('arrivals');
  const given = [rate !== undefined && '--rate', connections !== undefined && '--connections', ramp && '--ramp'].filter((one) => one);
  if (given.length > 1)
    throw new DdxError(
      'DDX_USAGE',
      `${given.join(' and ')} exclude each other.`,
      'Give --rate for an open loop (recommended), --ramp for one that rises, --connections for a closed one.',
    );
  const isTrace = kind === 'trace' || args.get('trace') !== undefined;
  if (isTrace) {
    if (given.length > 0)
      throw new DdxError(
        'DDX_USAGE',
        `A trace has its own times: ${given[0]} makes no sense with it.`,
        'Play it faster or slower with --speed.',
      );
    if (!atMs)
      throw new DdxError(
        'DDX_USAGE',
        '--arrivals trace needs recorded times.',
        'Name a file that has them: --trace traffic.har, access.log or a .ddx',
      );
    const speed = args.get<number>('speed') ?? 1;
    return { kind: 'trace', atUs: Float64Array.from(atMs, (ms) => (ms * 1_000) / speed) };
  }
  if (connections !== undefined) {
    if (kind)
      throw new DdxError(
        'DDX_USAGE',
        `--arrivals ${kind} makes no sense with --connections.`,
        'In a closed loop each client sends when it was answered.',
      );
    return { kind: 'closed', connections };
  }
  const spacing = kind === 'uniform' ? 'uniform' : 'poisson';
  if (ramp) return { kind: 'open', ratePerS: ramp.fromPerS, rampToPerS: ramp.toPerS, spacing };
  return { kind: 'open', ratePerS: rate ?? DEFAULT_RATE_PER_S, spacing };
}

/** Hosts that the package.json of this folder says are the user's own: {"ddx": {"ownTargets": ["staging.example.com"]}}. */
export function ownTargets(): string[] {
  try {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { ddx?: { ownTargets?: unknown } };
    const hosts = manifest.ddx?.ownTargets;
    return Array.isArray(hosts) ? hosts.filter((host) => typeof host === 'string') : [];
  } catch {
    return [];
  }
}
