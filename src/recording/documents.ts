import {
  type BlockDocument,
  type Documents,
  type HeapProfileDocument,
  type IncomingDocument,
  type LastingDocument,
  type ListenQueueDocument,
  type OpenFilesDocument,
  type PriorityDocument,
  type ProcessDocument,
  type ProfileDocument,
  type RecordingHeader,
  type SessionDocument,
  type SiteDocument,
  type SourceDocument,
  type SourceLocation,
  type SpawnDocument,
  STREAMS,
} from '../model/recording.js';
import { integer, isObject, listOf, mapOf, nullable, number, object, oneOf, pairOf, type Shape, text, truth, WRONG } from './shape.js';

/** A month: whatever is computed per interval of the window stays bounded. */
const MAX_WINDOW_US = 31 * 24 * 3600 * 1e6;
/** V8 itself walks no deeper stack than 255 frames. */
const MAX_TREE_DEPTH = 1024;

const header = object<RecordingHeader>({
  schemaVersion: oneOf(1),
  ddxVersion: text,
  clock: object<RecordingHeader['clock']>({ originUs: number, wallEpochMs: number }),
  machine: object<RecordingHeader['machine']>({
    platform: text,
    arch: text,
    cores: integer(1, 65_536),
    cpuModel: text,
    memoryBytes: number,
    kernel: text,
  }),
  target: object<RecordingHeader['target']>({ command: listOf(text), cwd: text, pid: number, port: nullable(integer(0, 65_535)) }),
  depth: oneOf('outside', 'light', 'standard', 'deep'),
});

const location = object<SourceLocation>(
  { file: text, line: number, column: number, function: text, source: oneOf('app', 'dependency', 'node', 'native') },
  ['column'],
);

const session = object<SessionDocument>({
  windowStartUs: number,
  windowEndUs: number,
  load: nullable(
    object<NonNullable<SessionDocument['load']>>({
      kind: oneOf('open', 'closed'),
      ratePerS: nullable(number),
      connections: nullable(number),
      routes: listOf(text),
    }),
  ),
  dropped: mapOf(number, (key) => Object.hasOwn(STREAMS, key)),
  end: oneOf('duration', 'interrupted', 'target-exit'),
  targetExit: nullable(object<NonNullable<SessionDocument['targetExit']>>({ code: nullable(number), signal: nullable(text) })),
  stderrTail: listOf(text),
  limits: object<SessionDocument['limits']>({
    quotaCores: nullable(number),
    memoryBytes: nullable(number),
    usableCores: number,
    poolThreads: integer(0, 65_536),
  }),
  sources: listOf(object<SessionDocument['sources'][number]>({ name: text, active: truth, because: text }, ['because'])),
  probeShare: number,
  generatorLag: nullable(object<NonNullable<SessionDocument['generatorLag']>>({ p50Us: number, p99Us: number })),
});

const processDocument = object<ProcessDocument>({
  pid: number,
  ppid: number,
  role: oneOf('target', 'child'),
  runtime: text,
  versions: mapOf(text),
  title: text,
  features: mapOf(truth),
});

const site = object<SiteDocument>({ frames: listOf(location), asyncFrom: integer(0) }, ['asyncFrom']);
const profile = object<ProfileDocument>({
  nodes: listOf(object<ProfileDocument['nodes'][number]>({ parent: integer(-1), location, ticks: listOf(pairOf(number, number)) })),
  intervalUs: number,
});
const heapProfile = object<HeapProfileDocument>({
  tUs: listOf(number),
  stacks: listOf(
    object<HeapProfileDocument['stacks'][number]>({ frames: listOf(location), liveBytes: listOf(number), addedBytes: listOf(number) }, [
      'addedBytes',
    ]),
  ),
});
const source = object<SourceDocument>({ file: text, firstLine: integer(1), lines: listOf(text) });
const spawn = object<SpawnDocument>(
  {
    proc: integer(0),
    kind: oneOf('worker', 'child'),
    tUs: number,
    endUs: number,
    name: text,
    site: number,
    owner: number,
    readyUs: number,
  },
  ['readyUs'],
);
const block = object<BlockDocument>({
  proc: integer(0),
  startUs: number,
  endUs: number,
  owner: integer(0),
  urlPath: nullable(text),
  frames: listOf(location),
});

const openFiles = object<OpenFilesDocument>({ proc: integer(0), site: integer(-1), count: integer(0) });
const priority = object<PriorityDocument>({ proc: integer(0), site: integer(-1) });
const incoming = object<IncomingDocument>({
  proc: integer(0),
  site: integer(-1),
  keepAliveMs: number,
  maxRequests: number,
  idleClosed: integer(0),
});
const listenQueue = object<ListenQueueDocument>({ port: integer(0, 65_535), backlog: integer(0), dropped: integer(0) });
const lasting = object<LastingDocument>({
  proc: integer(0),
  kind: oneOf('interval', 'listener'),
  site: integer(-1),
  begun: listOf(number),
});

export const UNKNOWN_PROCESS: ProcessDocument = { pid: -1, ppid: -1, role: 'target', runtime: '', versions: {}, title: '', features: {} };
export const NO_DOCUMENTS: Documents = { processes: [], sites: [], profiles: [], heapProfiles: [], sources: [], spawns: [] };

export function checkedHeader(value: unknown): RecordingHeader | null {
  const seen = header(value);
  return seen === WRONG ? null : seen;
}

/** Documents whose types can be trusted. What does not fit is left out, or replaced where its index is referred to, and reported. */
export function checkedDocuments(value: unknown, warn: (warning: string) => void): Documents {
  if (!isObject(value)) {
    warn('the documents are malformed and left out');
    return NO_DOCUMENTS;
  }
  const list = <T>(field: keyof Documents, shape: Shape<T>, substitute?: T): T[] =>
    checkedList(value[field], shape, substitute, (count) => warn(`${count} of documents.${field} are malformed and left out`));
  const seen = value['session'] === undefined ? undefined : checkedSession(value['session']);
  if (seen === null) warn('documents.session is malformed and left out');
  const queue = value['listenQueue'] === undefined ? undefined : listenQueue(value['listenQueue']);
  if (queue === WRONG) warn('documents.listenQueue is malformed and left out');
  return {
    ...(seen ? { session: seen } : {}),
    processes: list('processes', processDocument, UNKNOWN_PROCESS),
    sites: list('sites', site, { frames: [] }),
    profiles: list('profiles', nullable(soundProfile), null),
    heapProfiles: list('heapProfiles', nullable(soundHeapProfile), null),
    sources: list('sources', source),
    spawns: list('spawns', spawn),
    ...(value['blocks'] === undefined ? {} : { blocks: list('blocks', block) }),
    ...(value['openFiles'] === undefined ? {} : { openFiles: list('openFiles', openFiles) }),
    ...(value['priorities'] === undefined ? {} : { priorities: list('priorities', priority) }),
    ...(value['incoming'] === undefined ? {} : { incoming: list('incoming', incoming) }),
    ...(queue === undefined || queue === WRONG ? {} : { listenQueue: queue }),
    ...(value['lasting'] === undefined ? {} : { lasting: list('lasting', lasting) }),
  };
}

function checkedList<T>(value: unknown, shape: Shape<T>, substitute: T | undefined, report: (count: number) => void): T[] {
  if (!Array.isArray(value)) {
    if (value !== undefined) report(1);
    return [];
  }
  const kept: T[] = [];
  let wrong = 0;
  for (const item of value) {
    const seen = shape(item);
    if (seen !== WRONG) kept.push(seen);
    else {
      wrong++;
      if (substitute !== undefined) kept.push(substitute);
    }
  }
  if (wrong > 0) report(wrong);
  return kept;
}

function checkedSession(value: unknown): SessionDocument | null {
  const seen = session(value);
  if (seen === WRONG) return null;
  const lengthUs = seen.windowEndUs - seen.windowStartUs;
  return lengthUs >= 0 && lengthUs <= MAX_WINDOW_US && seen.limits.usableCores > 0 ? seen : null;
}

/** Who walks from a node to its root must arrive: no parent out of range, no circle, no endless chain. */
function soundProfile(value: unknown): ProfileDocument | typeof WRONG {
  const seen = profile(value);
  if (seen === WRONG || seen.intervalUs <= 0) return WRONG;
  const depth = new Int32Array(seen.nodes.length).fill(-1);
  for (let start = 0; start < seen.nodes.length; start++) {
    const path: number[] = [];
    let at = start;
    while (at !== -1 && depth[at] === -1) {
      depth[at] = -2;
      path.push(at);
      at = seen.nodes[at]!.parent;
      if (at >= seen.nodes.length || (at !== -1 && depth[at] === -2)) return WRONG;
    }
    let below = at === -1 ? 0 : depth[at]!;
    for (const node of path.reverse()) depth[node] = ++below;
    if (below > MAX_TREE_DEPTH) return WRONG;
  }
  return seen;
}

function soundHeapProfile(value: unknown): HeapProfileDocument | typeof WRONG {
  const seen = heapProfile(value);
  if (seen === WRONG) return WRONG;
  return seen.stacks.every((stack) => stack.liveBytes.length === seen.tUs.length) ? seen : WRONG;
}
