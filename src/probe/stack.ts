import type { RawFrame } from '../model/wire.js';

const FRAMES = 30;

/**
 * The stack of the caller of `below`, innermost first, across awaits. Overrides Error's settings for the moment of the capture, so that
 * neither the target's own prepareStackTrace nor a short stackTraceLimit gets in the way.
 */
export function captureFrames(below: (...args: never[]) => unknown): RawFrame[] {
  return framesOf(captureCallSites(below));
}

/** The same, not read yet: where few of many stacks are ever asked for. */
export function captureCallSites(below: (...args: never[]) => unknown): NodeJS.CallSite[] {
  const limit = Error.stackTraceLimit;
  const prepare = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  const holder: { stack?: unknown } = {};
  let sites: unknown;
  try {
    Error.stackTraceLimit = FRAMES;
    Error.prepareStackTrace = (_error, callSites) => callSites;
    Error.captureStackTrace(holder, below);
    sites = holder.stack;
  } finally {
    Error.stackTraceLimit = limit;
    if (prepare) Object.defineProperty(Error, 'prepareStackTrace', prepare);
    else delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
  }
  return Array.isArray(sites) ? sites : [];
}

export function framesOf(sites: readonly NodeJS.CallSite[]): RawFrame[] {
  return sites.map(frameOf).filter((frame) => frame.url !== __filename);
}

function frameOf(site: NodeJS.CallSite): RawFrame {
  return {
    function: site.getFunctionName() ?? '',
    url: site.getFileName() ?? '',
    line: site.getLineNumber() ?? 0,
    column: site.getColumnNumber() ?? 0,
    ...(site.isAsync() ? { awaits: true as const } : {}),
  };
}
