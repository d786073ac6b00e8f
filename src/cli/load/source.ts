import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { DdxError } from '../../errors.js';
import type { RequestTemplate } from '../../load/load.js';
import { parsePath } from '../../load/parse-path.js';
import { readAccessLog } from '../../load/scenario/access-log.js';
import { readHar } from '../../load/scenario/har.js';
import { readOpenApi } from '../../load/scenario/openapi.js';
import { readScenario } from '../../load/scenario/read.js';
import { inOrder, type Recorded } from '../../load/scenario/recorded.js';
import { checksOf, templatesOf } from '../../load/scenario/session.js';
import type { Recording } from '../../model/recording.js';
import { readRecording } from '../../recording/reader.js';
import type { Arguments } from '../arguments.js';

/** What is asked for, and when where that was recorded. */
export interface LoadSource {
  requests: RequestTemplate[];
  inOrder: boolean;
  /** A file of users, for the generating threads. */
  scenario: string | null;
  /** Conditions of the scenario. */
  checks: string[];
  /** Since the first request, ascending, one for each; null where nothing was recorded. */
  atMs: number[] | null;
  notes: string[];
}

const PLAIN = { inOrder: false, scenario: null, checks: [], atMs: null, notes: [] };

/** Reads --scenario, --trace or --path, whichever is given. Throws DDX_USAGE and DDX_SCENARIO. */
export async function loadSource(args: Arguments, url: URL): Promise<LoadSource> {
  const paths = args.all<string>('path');
  const scenario = args.get<string>('scenario');
  const trace = args.get<string>('trace');
  const given = [scenario !== undefined && '--scenario', trace !== undefined && '--trace', paths.length > 0 && '--path'].filter(
    (one) => one,
  );
  if (given.length > 1)
    throw new DdxError('DDX_USAGE', `${given.join(' and ')} exclude each other.`, 'Each says what to ask for: give one of them.');
  const own = `${url.pathname}${url.search}`;
  if (given.length > 0 && own !== '/')
    throw new DdxError(
      'DDX_USAGE',
      `The URL has a path (${url.pathname}) and there is ${given[0]} too.`,
      'Give the URL without a path, such as http://localhost:3000',
    );
  if (trace !== undefined) return recorded(readTrace(trace, args, url));
  if (scenario !== undefined) {
    const http2 = args.given('http2');
    return readScenarioFile(scenario, http2, (text) => recorded(readHar(scenario, text, url.host, hostsOf(args, url))));
  }
  // Brackets come encoded out of a URL; in path and query they mean a range.
  return { ...PLAIN, requests: (paths.length > 0 ? paths : [own.replace(/%5B(\d+-\d+)%5D/gi, '[$1]')]).map(parsePath) };
}

/** A file of --scenario. `fromHar`: what the text of a .har holds for the target. Throws DDX_USAGE and DDX_SCENARIO. */
export async function readScenarioFile(file: string, http2: boolean, fromHar: (text: string) => LoadSource): Promise<LoadSource> {
  switch (extname(file)) {
    case '.mjs':
    case '.js': {
      const read = await readScenario(file);
      const wantsHeaders = JSON.stringify(read.scenario.sequences).includes('"header:');
      if (wantsHeaders && http2)
        throw new DdxError(
          'DDX_SCENARIO',
          `${file} extracts headers, which can't be had over HTTP/2.`,
          'Extract from the body, or leave out --http2.',
        );
      return { ...PLAIN, requests: templatesOf(read), scenario: file, checks: checksOf(read) };
    }
    case '.har':
      return fromHar(readText(file));
    case '.json':
      return { ...PLAIN, ...readOpenApi(file, readText(file)) };
    default:
      throw new DdxError(
        'DDX_USAGE',
        `--scenario ${file} can't be used.`,
        '--scenario takes a .mjs, a .har or an OpenAPI description as .json.',
      );
  }
}

function readTrace(file: string, args: Arguments, url: URL): Recorded {
  if (extname(file) === '.har') return readHar(file, readText(file), url.host, hostsOf(args, url));
  if (extname(file) === '.ddx') return requestsOf(file, readRecording(file));
  return readAccessLog(file, readText(file));
}

/** Requests in their order, with their times. */
export function recorded({ requests, notes }: Recorded): LoadSource {
  return { ...PLAIN, requests, inOrder: true, atMs: requests.map(({ atMs }) => atMs), notes };
}

/** The requests of a recording: those of its own load, else those the server saw. It holds routes only, no queries and no bodies. */
function requestsOf(file: string, { streams, strings }: Recording): Recorded {
  const { client, requests } = streams;
  const [times, routes] = client.rows > 0 ? [client.intendedUs, client.route] : [requests.startUs, requests.route];
  let left = 0;
  const found = [...times].flatMap((tUs, i) => {
    const route = strings[routes[i]!] ?? '';
    const [, method, path] = /^(GET|HEAD) (\/\S*)$/.exec(route) ?? [];
    if (!method || !path) {
      left++;
      return [];
    }
    return [{ method, path: path.replace(/:\w+|\*/g, '1'), route, weight: 1, atMs: tUs / 1_000 }];
  });
  if (found.length === 0)
    throw new DdxError('DDX_SCENARIO', `${file}: it holds no GET that could be repeated.`, 'Record the server while it has traffic.');
  const some = found.some(({ path, route }) => !route.endsWith(path));
  return inOrder(found, [
    ...(left > 0 ? [`Left out of ${file}: ${left} requests that are no GET or HEAD; a recording has no bodies.`] : []),
    ...(some ? ['A recording holds patterns of paths: their parameters are sent as 1.'] : []),
  ]);
}

/** Recorded hosts that stand for the target. */
function hostsOf(args: Arguments, url: URL): Set<string> {
  const maps = args.all<[string, string]>('host-map');
  const strange = maps.find(([, target]) => target !== url.host && target !== url.origin);
  if (strange)
    throw new DdxError(
      'DDX_USAGE',
      `--host-map ${strange.join('=')} leads to another target than the URL.`,
      `A load has one target: --host-map ${strange[0]}=${url.host}`,
    );
  return new Set(maps.map(([from]) => from));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new DdxError('DDX_SCENARIO', `${file} can't be read: ${(error as Error).message}.`, 'Look at the name.', { cause: error });
  }
}
