import type { ProfileDocument, Recording, SourceLocation } from '../model/recording.js';
import { backtrackingOf } from './pattern.js';
import { bodyOf, patternIn, textOf } from './source-line.js';

/** What a stretch of the main thread was spent on, where Node or V8 has a name for it; "sync-cpu" is the user's own computing. */
export type WorkKind =
  | 'sync-cpu'
  | 'sync-json'
  | 'sync-crypto'
  | 'sync-fs'
  | 'sync-zlib'
  | 'sync-child-process'
  | 'catastrophic-regex'
  | 'sync-logging'
  | 'module-loading'
  | 'message-copy';

export interface Work {
  kind: WorkKind;
  /** "JSON.parse", "pbkdf2Sync", "readFileSync", a pattern's source; null where nothing has a name. */
  name: string | null;
}

/** A deep copy by way of text. */
export const JSON_COPY = 'JSON.parse(JSON.stringify())';

/** Less than this share of a task is not what it is spent on. */
const MOST = 0.5;
const COMPUTING: Work = { kind: 'sync-cpu', name: null };

/** `nodes`: the profile's samples of the stretches that are meant. */
export function workOf(recording: Recording, profile: ProfileDocument, nodes: readonly number[]): Work {
  const kinds = new Map<WorkKind, { samples: number; names: Map<string | null, number> }>();
  let counted = 0;
  for (const node of nodes) {
    const work = workAt(recording, profile, node);
    if (!work) continue;
    counted++;
    const seen = kinds.get(work.kind) ?? { samples: 0, names: new Map() };
    seen.samples++;
    seen.names.set(work.name, (seen.names.get(work.name) ?? 0) + 1);
    kinds.set(work.kind, seen);
  }
  const [most] = [...kinds].sort((a, b) => b[1].samples - a[1].samples);
  if (!most || most[1].samples < counted * MOST) return COMPUTING;
  const [name] = [...most[1].names].sort((a, b) => b[1] - a[1])[0]!;
  return { kind: most[0], name };
}

const known = new WeakMap<ProfileDocument, Map<number, Work | null>>();

function workAt(recording: Recording, profile: ProfileDocument, leaf: number): Work | null {
  const works = known.get(profile) ?? new Map<number, Work | null>();
  known.set(profile, works);
  const before = works.get(leaf);
  if (before !== undefined) return before;
  const work = classify(recording, profile, leaf);
  works.set(leaf, work);
  return work;
}

/** Null for what is nobody's work: the collector, the idle loop, ddx. */
function classify(recording: Recording, profile: ProfileDocument, leaf: number): Work | null {
  const { location, ticks } = profile.nodes[leaf]!;
  if (/^\((?:garbage collector|idle|program|root)\)$/.test(location.function) || location.file === 'ddx') return null;
  let outermost: Work | null = null;
  let below = false;
  for (let node = leaf, depth = 0; node >= 0 && depth < 512; node = profile.nodes[node]!.parent, depth++) {
    const at = profile.nodes[node]!.location;
    // Whatever a module does while it is loaded is loading.
    if (at.file.startsWith('node:internal/modules/')) return { kind: 'module-loading', name: null };
    if (at.source === 'app') below = true;
    else if (!below) outermost = workOfFrame(at) ?? outermost;
  }
  if (outermost) return outermost;
  const [line] = [...ticks].sort((a, b) => b[1] - a[1])[0] ?? [];
  return (line !== undefined && workOfLine(recording, location, line)) || COMPUTING;
}

/** Frames of Node's own by what they are for: in these files everything, or what bears such a name. */
const FRAMES: readonly { kind: WorkKind; file: RegExp; function?: RegExp }[] = [
  { kind: 'sync-child-process', file: /^node:(?:internal\/)?child_process$/, function: /Sync$/ },
  { kind: 'sync-zlib', file: /^node:zlib$/, function: /[sS]ync/ },
  { kind: 'sync-crypto', file: /^node:(?:internal\/)?crypto\b/ },
  { kind: 'sync-fs', file: /^node:(?:internal\/fs\/|fs$)/, function: /[sS]ync$/ },
  { kind: 'sync-logging', file: /^node:internal\/(?:console\/|fs\/sync_write_stream)/ },
  { kind: 'sync-json', file: /^node:v8$/, function: /^(?:de)?serialize$/ },
  { kind: 'sync-json', file: /^node:internal\/(?:worker\/js_transferable|structured_clone)$/, function: /^structuredClone$/ },
];
/** Native functions that have a frame of their own. */
const NATIVES: Readonly<Record<string, Work>> = {
  consoleCall: { kind: 'sync-logging', name: 'console' },
  structuredClone: { kind: 'sync-json', name: 'structuredClone' },
  postMessage: { kind: 'message-copy', name: 'postMessage' },
};
const PATTERN = 'RegExp: ';

function workOfFrame({ file, function: name, source }: SourceLocation): Work | null {
  if (name.startsWith(PATTERN)) return workOfPattern(name.slice(PATTERN.length));
  if (file.startsWith('node:')) {
    const found = FRAMES.find((frame) => frame.file.test(file) && (frame.function?.test(name) ?? true));
    return found ? { kind: found.kind, name: found.kind === 'sync-logging' ? 'console' : file === 'node:v8' ? `v8.${name}` : name } : null;
  }
  return source === 'native' && Object.hasOwn(NATIVES, name) ? NATIVES[name]! : null;
}

/** V8's own functions in C++ have no frame: what they take stands on the line that calls them. */
const BUILT_IN = /\b(JSON\.parse|JSON\.stringify|structuredClone|postMessage)\s*\(/;
const SORTING = /\.(?:sort|toSorted)\s*\(/;
/** The usual deep copy. */
const COPYING = /\bJSON\.parse\s*\(\s*JSON\.stringify\s*\(/;
const LOOPING = /\b(?:for|while)\b|\.(?:map|filter|reduce|forEach|flatMap|sort|every|some|find)\s*\(/;

function workOfLine(recording: Recording, location: SourceLocation, line: number): Work | null {
  const found = workOfText(recording, location.file, textOf(recording, { ...location, line }));
  if (found || line !== location.line) return found;
  // Samples on the first line of a longer function: its lines are not known (code that a tool wrote on one line). What does not loop
  // itself spends its time in what it calls.
  const body = bodyOf(recording, location);
  return LOOPING.test(body) ? null : workOfText(recording, location.file, body);
}

function workOfText(recording: Recording, file: string, text: string): Work | null {
  if (COPYING.test(text)) return { kind: 'sync-json', name: JSON_COPY };
  const name = BUILT_IN.exec(text)?.[1];
  if (name) return { kind: name === 'postMessage' ? 'message-copy' : 'sync-json', name };
  const pattern = patternIn(recording, file, text);
  if (pattern !== null) return workOfPattern(pattern);
  return SORTING.test(text) ? { kind: 'sync-cpu', name: 'sort' } : null;
}

function workOfPattern(pattern: string): Work {
  return { kind: backtrackingOf(pattern) === 'regular' ? 'sync-cpu' : 'catastrophic-regex', name: pattern };
}
