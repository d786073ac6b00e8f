import type { RawFrame } from '../../model/wire.js';
import type { Devtools } from './devtools.js';

/** What a main thread was doing while it was blocked. */
export interface CaughtBlock {
  /** Innermost first. */
  frames: RawFrame[];
  /** Path of the request's URL, without its query; null where no request is to be seen on the stack. */
  urlPath: string | null;
  /** Source maps that only the process knows, by script. */
  sourceMaps: { url: string; sourceMapUrl: string }[];
}

interface RemoteObject {
  objectId?: string;
  className?: string;
  value?: unknown;
}

interface CallFrame {
  functionName: string;
  url: string;
  location: { scriptId: string; lineNumber: number; columnNumber?: number };
  scopeChain: { type: string; object: RemoteObject }[];
}

type Scripts = Map<string, { url: string; sourceMapUrl: string }>;

const PAUSE_MS = 2_000;
const MOST_FRAMES = 64;
/** Scopes in which a handler keeps its request. */
const SCOPES = new Set(['local', 'block', 'closure']);
const MOST_SCOPES = 40;
const LONGEST_PATH = 200;

/** Stops the main thread `times` times, `apartMs` from each other, each for some tens of milliseconds, and looks at its stack. */
export async function catchBlock(devtools: Devtools, times: number, apartMs: number): Promise<CaughtBlock | null> {
  const scripts: Scripts = new Map();
  devtools.on<{ scriptId: string; url: string; sourceMapURL?: string }>('Debugger.scriptParsed', ({ scriptId, url, sourceMapURL }) =>
    scripts.set(scriptId, { url, sourceMapUrl: sourceMapURL ?? '' }),
  );
  await devtools.ask('Debugger.enable');
  try {
    const caught: CaughtBlock[] = [];
    for (let i = 0; i < times; i++) {
      if (i > 0) await new Promise((resolve) => setTimeout(resolve, apartMs));
      const one = await lookOnce(devtools, scripts);
      if (one) caught.push(one);
    }
    return common(caught);
  } finally {
    await devtools.ask('Debugger.disable').catch(() => {});
  }
}

async function lookOnce(devtools: Devtools, scripts: Scripts): Promise<CaughtBlock | null> {
  const paused = devtools.next<{ callFrames: CallFrame[] }>('Debugger.paused', PAUSE_MS);
  await devtools.ask('Debugger.pause');
  const stop = await paused;
  if (!stop) return null;
  try {
    const sourceMaps = new Map<string, string>();
    const frames = stop.callFrames.slice(0, MOST_FRAMES).map(({ functionName, location }): RawFrame => {
      const script = scripts.get(location.scriptId) ?? { url: '', sourceMapUrl: '' };
      if (script.sourceMapUrl) sourceMaps.set(script.url, script.sourceMapUrl);
      return { function: functionName, url: script.url, line: location.lineNumber + 1, column: (location.columnNumber ?? 0) + 1 };
    });
    const urlPath = await urlPathOf(devtools, stop.callFrames);
    return { frames, urlPath, sourceMaps: [...sourceMaps].map(([url, sourceMapUrl]) => ({ url, sourceMapUrl })) };
  } finally {
    await devtools.ask('Debugger.resume');
  }
}

/** The request that the stack works for: whichever variable on it holds one. Reads data only, calls nothing. */
async function urlPathOf(devtools: Devtools, callFrames: readonly CallFrame[]): Promise<string | null> {
  const scopes = callFrames.flatMap(({ scopeChain }) => scopeChain.filter(({ type }) => SCOPES.has(type))).slice(0, MOST_SCOPES);
  for (const { object } of scopes) {
    const request = (await propertiesOf(devtools, object)).find(({ value }) => value?.className === 'IncomingMessage')?.value;
    if (!request) continue;
    const properties = await propertiesOf(devtools, request);
    const text = (name: string) => properties.find((property) => property.name === name)?.value?.value;
    // A request without a method is an answer to one of the application's own.
    if (typeof text('method') !== 'string') continue;
    // Express cuts `url` to what lies below its mounted router.
    const url = text('originalUrl') ?? text('url');
    if (typeof url === 'string') return url.replace(/[?#].*$/s, '').slice(0, LONGEST_PATH);
  }
  return null;
}

async function propertiesOf(devtools: Devtools, { objectId }: RemoteObject): Promise<{ name: string; value?: RemoteObject }[]> {
  if (objectId === undefined) return [];
  const answer = await devtools.ask<{ result: { name: string; value?: RemoteObject }[] }>('Runtime.getProperties', {
    objectId,
    ownProperties: true,
  });
  return answer.result;
}

/**
 * What all looks agree on. A loop that calls something is caught now inside and now outside of the callee: the innermost function that was
 * on the stack every time is the one that does not end. Null where they saw different work.
 */
function common(caught: readonly CaughtBlock[]): CaughtBlock | null {
  const [first] = caught;
  if (!first) return null;
  const outermostFirst = caught.map(({ frames }) => frames.toReversed());
  let depth = 0;
  const isShared = (at: number): boolean => {
    const one = outermostFirst[0]![at];
    return one !== undefined && outermostFirst.every((frames) => frames[at]?.function === one.function && frames[at]?.url === one.url);
  };
  while (isShared(depth)) depth++;
  if (depth === 0) return null;
  return { ...first, frames: outermostFirst[0]!.slice(0, depth).toReversed() };
}
