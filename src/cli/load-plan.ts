import { readFileSync } from 'node:fs';
import { DdxError } from '../errors.js';
import type { Arrivals, RequestTemplate } from '../load/load.js';
import { parsePath } from '../load/parse-path.js';
import type { Arguments } from './arguments.js';
import type { ArrivalKind, Goal, Ramp } from './load-values.js';

/** What `ddx load` was asked to do, without contradictions. */
export interface LoadPlan {
  url: URL;
  requests: RequestTemplate[];
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
}

const DEFAULT_RATE_PER_S = 50;
const DEFAULT_DURATION_MS = 10_000;
const DEFAULT_WARMUP_MS = 2_000;
const DEFAULT_WAIT_MS = 10_000;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_CONNECTIONS = 1_024;

/** Throws DDX_USAGE for what cannot be meant. */
export function planLoad(args: Arguments): LoadPlan {
  const url = parseUrl(args);
  const durationMs = args.get<number>('for') ?? DEFAULT_DURATION_MS;
  if (durationMs === 0) throw new DdxError('DDX_USAGE', '--for 0 measures nothing.', '--for takes a duration such as 30s.');
  return {
    url,
    requests: requestsOf(args, url),
    arrivals: arrivalsOf(args),
    durationS: durationMs / 1_000,
    warmupS: (args.get<number>('warmup') ?? DEFAULT_WARMUP_MS) / 1_000,
    waitMs: args.get<number>('wait') ?? DEFAULT_WAIT_MS,
    timeoutMs: Math.max(1, args.get<number>('timeout') ?? DEFAULT_TIMEOUT_MS),
    threads: args.get<number>('threads') ?? 1,
    maxConnections: args.get<number>('max-connections') ?? DEFAULT_MAX_CONNECTIONS,
    seed: args.get<number>('seed') ?? 1,
    insecure: args.given('insecure'),
    goals: args.all<Goal>('goal'),
  };
}

/** "http://host:3000/x", "host:3000/x" and ":3000". */
function parseUrl(args: Arguments): URL {
  const [text, more] = args.words;
  if (text === undefined) throw badUrl('There is no URL to load.');
  if (more !== undefined) throw badUrl(`There is one URL too many: ${more}.`);
  const full = /^[a-z]+:\/\//i.test(text) ? text : `http://${text.startsWith(':') ? `localhost${text}` : text}`;
  if (!URL.canParse(full)) throw badUrl(`"${text}" is not a URL.`);
  const url = new URL(full);
  if (!['http:', 'https:'].includes(url.protocol)) throw badUrl(`${url.protocol}// can't be loaded.`);
  if (url.username || url.password)
    throw badUrl('The URL holds a user or password.', 'Send it as a header: --header "Authorization: Basic ...".');
  return url;
}

function badUrl(message: string, next = 'Write it like ddx load http://localhost:3000/orders --rate 200'): DdxError {
  return new DdxError('DDX_USAGE', message, next);
}

function requestsOf(args: Arguments, url: URL): RequestTemplate[] {
  const paths = args.all<string>('path');
  const own = `${url.pathname}${url.search}`;
  if (paths.length > 0 && own !== '/')
    throw new DdxError(
      'DDX_USAGE',
      `The URL has a path (${url.pathname}) and there is --path too.`,
      'Give the URL without a path, and one --path for each.',
    );
  // Brackets come encoded out of a URL's query only; in both they mean a range.
  const requests = (paths.length > 0 ? paths : [decodeRanges(own)]).map(parsePath);
  const headers = Object.fromEntries(args.all<[string, string]>('header'));
  return requests.map((request) => ({ ...request, headers: { ...request.headers, ...headers } }));
}

function decodeRanges(path: string): string {
  return path.replace(/%5B(\d+-\d+)%5D/gi, '[$1]');
}

function arrivalsOf(args: Arguments): Arrivals {
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
