import { callOf, firstLineMatching } from '../ledger/source-line.js';
import type { Recording, SourceLocation } from '../model/recording.js';

/** What holds on to memory: a container, an emitter, a timer, a promise. */
export type Keeper = 'map' | 'set' | 'array' | 'object' | 'linked-list' | 'listeners' | 'timers' | 'promises';

/** A line of the user's own that keeps what is allocated below it. */
export interface KeepingLine {
  location: SourceLocation;
  /** Source text of what is appended to ("sessions", "this.listeners"); null for timers and promises. */
  container: string | null;
  keeper: Keeper;
}

/** Calls that keep what they are given. */
const KEEPING =
  /([\w$]+(?:(?:\.|\?\.|\.#)[\w$]+|\[[^\]]*\])*)(?:\.(set|add|push|unshift|on|once|addListener|addEventListener|prependListener|append|enqueue)\s*\(|\[[^\]]+\]\s*(?:\?\?|\|\|)?=[^=])/;
/** Assignments to what holds its former self: `head = { value, next: head }`, `all = [...all, one]`, `all = all.concat(one)`. */
const LINKING =
  /(?<![\w$.])([\w$]+(?:\.#?[\w$]+)*)\s*=\s*(?:\1\.concat\(|\[\s*\.\.\.\1\b|(?:new\s+[\w$.]+\s*\(|[{[]).*?(?<![\w$.])\1(?![\w$.([]|\s*:))/;
/** `tail = tail.then(...)`: as long as one link does not settle, all that follow are kept. */
const CHAINING = /(?<![\w$.])([\w$]+(?:\.#?[\w$]+)*)\s*=\s*\1\s*\.(?:then|catch|finally)\s*\(/;
/** A promise that nobody can settle, and the race whose losers stay registered with the one that never ends. */
const UNSETTLED = /Promise\.race\s*\(|new\s+Promise(?:<[^>]*>)?\s*\(\s*(?:\(\s*\)|function\s*\(\s*\)|_\w*)\s*(?:=>|\{)/;
/** A timer that outlives its request; one that is slept for ends with it. */
const INTERVAL = /\bsetInterval\s*\(/;
const TIMEOUT = /\bsetTimeout\s*\(/;
const SLEEPING = /\bawait\b|new\s+Promise\b|\b(?:resolve|reject|done|abort|controller)\b/;
/** Objects that live as long as one request. */
const SHORT_LIVED = /^(res|req|request|response|reply|ctx|context|headers|next|params|query|body)\b/;

const KEEPERS: Record<string, Keeper> = { set: 'map', add: 'set', push: 'array', unshift: 'array', append: 'array', enqueue: 'array' };

/** The line that keeps what was allocated in `own[0]`, innermost first; null where the recorded source shows none. */
export function keepingLine(recording: Recording, own: readonly SourceLocation[]): KeepingLine | null {
  // From what says so by its name to what only may: the first that any frame has.
  const looks = [
    (frame: SourceLocation) => keptIn(recording, frame, KEEPING),
    (frame: SourceLocation) => keptIn(recording, frame, LINKING),
    (frame: SourceLocation) => keptBy(recording, frame, 'timers', (text) => INTERVAL.test(text)),
    (frame: SourceLocation) => keptBy(recording, frame, 'promises', (text) => CHAINING.test(text)),
    (frame: SourceLocation) => keptBy(recording, frame, 'timers', (text) => TIMEOUT.test(text) && !SLEEPING.test(text)),
    (frame: SourceLocation) => keptBy(recording, frame, 'promises', (text) => UNSETTLED.test(text)),
  ];
  for (const look of looks) {
    for (const frame of own) {
      const kept = look(frame);
      if (kept) return kept;
    }
  }
  return own[0] ? keptByCaller(recording, own.at(-1)!) : null;
}

function keptIn(recording: Recording, frame: SourceLocation, keeping: RegExp): KeepingLine | null {
  let found: Omit<KeepingLine, 'location'> | null = null;
  let header = '';
  const locals = localNames(recording, frame);
  const location = firstLineMatching(recording, frame, (text, line) => {
    const match = keeping.exec(text);
    if (line === frame.line) header = match ? text.slice(0, match.index) : text;
    const root = match?.[1]?.split(/[.[?]/)[0] ?? '';
    if (!match || SHORT_LIVED.test(root) || locals.ended.has(root)) return false;
    // What a request has opened for itself may be listened to as it likes.
    if (keeperOf(match[2]) === 'listeners' && locals.called.has(root)) return false;
    // A parameter that is assigned anew is the caller's no longer.
    if (keeping === LINKING && header.split(/[^\w$]+/).includes(root)) return false;
    found = { container: match[1]!, keeper: keeping === LINKING ? linkingKeeper(match[0]) : keeperOf(match[2]) };
    return true;
  });
  return location && found && { location, ...(found as Omit<KeepingLine, 'location'>) };
}

/** `method`: undefined for an assignment to an element. */
function keeperOf(method: string | undefined): Keeper {
  return method === undefined ? 'object' : (KEEPERS[method] ?? 'listeners');
}

function linkingKeeper(text: string): Keeper {
  return /\.concat\(|\[\s*\.\.\./.test(text) ? 'array' : 'linked-list';
}

function keptBy(recording: Recording, frame: SourceLocation, keeper: Keeper, matches: (text: string) => boolean): KeepingLine | null {
  const location = firstLineMatching(recording, frame, matches);
  return location && { location, container: null, keeper };
}

/**
 * What an asynchronous function makes is kept by who awaits it, and who awaits is on no stack: the one place in the recorded source that
 * calls it and keeps something in the lines below.
 */
function keptByCaller(recording: Recording, maker: SourceLocation): KeepingLine | null {
  const call = callOf(maker.function);
  if (!call) return null;
  const found: KeepingLine[] = [];
  for (const { file, firstLine, lines } of recording.documents.sources) {
    lines.forEach((text, i) => {
      if (!call.test(text) || DEFINING.test(text)) return;
      const kept = keptIn(recording, { file, line: firstLine + i, function: callerAt(lines, i), source: 'app' }, KEEPING);
      if (kept) found.push(kept);
    });
  }
  return found.length === 1 ? found[0]! : null;
}

const DEFINING = /\bfunction\b|^\s*(?:export\s|public\s|private\s|protected\s|static\s|async\s)*[#\w$]+\s*\([^)]*\)\s*(?::[^{]+)?\{/;
const NAMED =
  /\bfunction\*?\s+([\w$]+)|(?:const|let|var)\s+([\w$]+)\s*=\s*(?:async\s*)?(?:function\b|\(|[\w$]+\s*=>)|^\s*(?:async\s+)?([\w$]+)\s*\([^)]*\)[^;]*\{\s*$/;
const NO_NAME = /^(?:if|for|while|switch|catch)$/;

/** The name of the function that a line lies in, by the lines above it that are less indented. */
function callerAt(lines: readonly string[], at: number): string {
  let indent = indentOf(lines[at]!);
  for (let i = at - 1; i >= 0; i--) {
    if (lines[i]!.trim() === '' || indentOf(lines[i]!) >= indent) continue;
    indent = indentOf(lines[i]!);
    const match = NAMED.exec(lines[i]!);
    const name = match?.[1] ?? match?.[2] ?? match?.[3];
    if (name && !NO_NAME.test(name)) return name;
  }
  return '(anonymous)';
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}

/** Names declared inside the function: what is kept in them dies with it (`ended`), or maybe not: what a call returned (`called`). */
function localNames(recording: Recording, frame: SourceLocation): { ended: Set<string>; called: Set<string> } {
  const names = { ended: new Set<string>(), called: new Set<string>() };
  firstLineMatching(recording, frame, (text) => {
    for (const match of text.matchAll(/\b(?:const|let|var)\s+(?:([\w$]+)|[{[]([^}\]]*)[}\]])\s*(=?)\s*(.*)/g)) {
      const value = match[4] ?? '';
      // A local that only names something longer-lived (`const list = registry.get(key)`) is no local.
      if (match[1] && /^(\[|\{|new |await |\()/.test(value)) names.ended.add(match[1]);
      else if (match[1] && /^[\w$.]+\(/.test(value) && !/\bget\w*\(/.test(value)) names.called.add(match[1]);
    }
    return false;
  });
  return names;
}
