import { Histogram } from '../load/histogram.js';
import {
  type Documents,
  type HeapProfileDocument,
  type ProcessDocument,
  type ProfileDocument,
  STREAMS,
  STRING_COLUMNS,
  type StreamName,
} from '../model/recording.js';
import type { ProbeMessage, RawFrame } from '../model/wire.js';
import type { Frame } from './frames.js';
import type { Locator } from './locations.js';
import { pathWithoutSecrets } from './secrets.js';
import { linesOf, SlicedProfile } from './sliced-profile.js';
import type { Tape } from './tape.js';

type RawProfile = Extract<ProbeMessage, { t: 'profile' }>;
type RawBlock = Extract<ProbeMessage, { t: 'block' }>;
type RawOpenFiles = Extract<ProbeMessage, { t: 'open-files' }>;
type RawLasting = Extract<ProbeMessage, { t: 'lasting' }>;
type RawIncoming = Extract<ProbeMessage, { t: 'incoming' }>;
type RawHeapProfile = Extract<ProbeMessage, { t: 'heap-profile' }>;

/** Everything one probe sent, on its way into the recording. */
export interface Intake {
  take(frame: Frame): void;
  /** Writes what needs source maps into the documents, once all of them are known. May be repeated, with other documents. */
  finish(documents: Documents): void;
  /** Lets go of what was over by then. */
  forget(beforeUs: number): void;
  readonly seen: SoFar;
  readonly dropped: Partial<Record<StreamName, number>>;
  /** -1 until the probe said goodbye. */
  readonly selfUs: number;
}

/** For who waits for the recording to end. */
export interface SoFar {
  requests: number;
  errors: number;
  /** Wall time of requests. */
  wall: Histogram;
  /** Of the last quarter of a second; -1 before the first. */
  busyShare: number;
  /** Longest delay of the loop since somebody set this back. */
  loopDelayUs: number;
}

/** What several probes share. */
export interface IntakeHost {
  tape: Tape;
  locator: Locator;
  documents: Documents;
  process(proc: number): ProcessDocument;
  /** The CPU profile comes slice by slice, without end. */
  sliced?: boolean;
}

const MOST_SITES = 5_000;
const MOST_BLOCKS = 1_000;

export function createIntake(host: IntakeHost, proc: number): Intake {
  const strings: number[] = [];
  const rawSites = new Map<number, { global: number; frames: RawFrame[] }>();
  /** By birth: each is told when it begins and again when it ends. */
  const spawns = new Map<string, Extract<ProbeMessage, { t: 'spawn' }>>();
  const heapProfiles: RawHeapProfile[] = [];
  const slices = host.sliced ? new SlicedProfile(host.locator) : null;
  let blocks: RawBlock[] = [];
  let profile: RawProfile | null = null;
  let openFiles: RawOpenFiles['open'] = [];
  const lasting: RawLasting['gained'] = [];
  let prioritySite = -1;
  let incoming: RawIncoming | null = null;
  /** By the probe's own numbers; null for a stream that this ddx does not know. */
  let layout: ({ name: StreamName; columns: string[] } | null)[] = [];
  const intake = { dropped: {} as Partial<Record<StreamName, number>>, selfUs: -1 };
  const seen: SoFar = { requests: 0, errors: 0, wall: new Histogram(), busyShare: -1, loopDelayUs: 0 };

  const siteOf = (local: number): number => rawSites.get(local)?.global ?? -1;
  const takeMessage = (message: ProbeMessage): void => {
    if (message.t === 'hello') {
      layout = message.streams.map((stream) => (Object.hasOwn(STREAMS, stream.name) && stream.columns.length > 0 ? stream : null));
      const document = host.process(proc);
      document.ppid = message.ppid;
      document.title = message.title;
      document.versions = message.versions;
      document.features = message.features;
      document.runtime = 'node';
    } else if (message.t === 'string') strings[message.i] = host.tape.intern(message.s);
    else if (message.t === 'site' && host.documents.sites.length < MOST_SITES) {
      rawSites.set(message.i, { global: host.documents.sites.push({ frames: [] }) - 1, frames: message.frames });
    } else if (message.t === 'spawn') spawns.set(`${message.kind} ${message.tUs} ${message.site}`, message);
    else if (message.t === 'profile' && slices) host.tape.append('samples', slices.take(message));
    else if (message.t === 'profile') profile = message;
    else if (message.t === 'open-files') openFiles = message.open;
    else if (message.t === 'lasting') lasting.push(...message.gained.slice(0, MOST_SITES));
    else if (message.t === 'priority') prioritySite = message.site;
    else if (message.t === 'incoming') incoming = message;
    else if (message.t === 'block') {
      if (blocks.length < MOST_BLOCKS) blocks.push(message);
    } else if (message.t === 'heap-profile') heapProfiles.push(message);
    else if (message.t === 'scripts') {
      for (const { url, sourceMapUrl } of message.scripts) host.locator.addScript(url, sourceMapUrl);
      for (const url of message.modules ?? []) host.locator.addModule(url);
    } else if (message.t === 'bye') Object.assign(intake, { dropped: message.dropped, selfUs: message.selfUs });
  };

  return {
    seen,
    get dropped() {
      return intake.dropped;
    },
    get selfUs() {
      return intake.selfUs;
    },
    take(frame) {
      if (frame.type === 'message') takeMessage(frame.message);
      else {
        const stream = layout[frame.stream];
        if (!stream) return;
        const rows = arrange(stream, frame.values, proc, strings, siteOf);
        count(seen, stream.name, rows);
        if (slices && stream.name === 'samples') slices.hold(rows);
        else host.tape.append(stream.name, rows);
      }
    },
    finish(documents) {
      for (const { global, frames } of rawSites.values()) {
        const asyncFrom = frames.findIndex(({ awaits }) => awaits);
        const located = frames.map((frame) => host.locator.locate(frame));
        documents.sites[global] = asyncFrom < 0 ? { frames: located } : { frames: located, asyncFrom };
      }
      for (const { kind, tUs, endUs, readyUs, name, site, owner } of spawns.values())
        documents.spawns.push({ proc, kind, tUs, endUs, readyUs, name, site: siteOf(site), owner });
      for (const { startUs, endUs, owner, urlPath, frames } of blocks) {
        documents.blocks ??= [];
        documents.blocks.push({
          proc,
          startUs,
          endUs,
          owner,
          urlPath: urlPath === null ? null : pathWithoutSecrets(urlPath),
          frames: frames.map((frame) => host.locator.locate(frame)),
        });
      }
      for (const { site, count } of openFiles) {
        documents.openFiles ??= [];
        documents.openFiles.push({ proc, site: siteOf(site), count });
      }
      for (const { kind, site, begun } of lasting) {
        documents.lasting ??= [];
        documents.lasting.push({ proc, kind, site: siteOf(site), begun });
      }
      if (siteOf(prioritySite) >= 0) {
        documents.priorities ??= [];
        documents.priorities.push({ proc, site: siteOf(prioritySite) });
      }
      if (incoming) {
        const { site, keepAliveMs, maxRequests, idleClosed } = incoming;
        documents.incoming ??= [];
        documents.incoming.push({ proc, site: siteOf(site), keepAliveMs, maxRequests, idleClosed });
      }
      documents.profiles[proc] = slices ? slices.document() : profile ? locateProfile(profile, host.locator) : null;
      documents.heapProfiles[proc] = heapProfiles.length > 0 ? joinHeapProfiles(heapProfiles, host.locator) : null;
    },
    forget(beforeUs) {
      for (const [key, { endUs }] of spawns) if (endUs >= 0 && endUs < beforeUs) spawns.delete(key);
      blocks = blocks.filter(({ endUs }) => endUs >= beforeUs);
      slices?.forget(beforeUs);
    },
  };
}

const { requests: REQUESTS, loop: LOOP } = STREAMS;

function count(seen: SoFar, stream: StreamName, rows: Float64Array): void {
  if (stream === 'requests') {
    for (let row = 0; row < rows.length; row += REQUESTS.length) {
      const value = (column: (typeof REQUESTS)[number]): number => rows[row + REQUESTS.indexOf(column)]!;
      seen.requests++;
      if (value('status') >= 500) seen.errors++;
      seen.wall.record(value('endUs') - value('startUs'));
    }
  }
  if (stream === 'loop') {
    for (let row = 0; row < rows.length; row += LOOP.length) {
      const value = (column: (typeof LOOP)[number]): number => rows[row + LOOP.indexOf(column)]!;
      seen.busyShare = value('activeUs') / Math.max(1, value('activeUs') + value('idleUs'));
      seen.loopDelayUs = Math.max(seen.loopDelayUs, value('delayMaxUs'));
    }
  }
}

/** From the probe's own columns and indices to the recording's. */
function arrange(
  { name, columns }: { name: StreamName; columns: string[] },
  values: Float64Array,
  proc: number,
  strings: readonly number[],
  siteOf: (local: number) => number,
): Float64Array {
  const wanted: readonly string[] = STREAMS[name];
  const text = STRING_COLUMNS[name] ?? [];
  const rows = Math.floor(values.length / columns.length);
  const out = new Float64Array(rows * wanted.length).fill(-1);
  wanted.forEach((column, to) => {
    const from = columns.indexOf(column);
    for (let row = 0; row < rows; row++) {
      const at = row * wanted.length + to;
      if (column === 'proc') out[at] = proc;
      else if (from >= 0) {
        const value = values[row * columns.length + from]!;
        out[at] = text.includes(column) ? (strings[value] ?? -1) : column === 'site' ? siteOf(value) : value;
      }
    }
  });
  return out;
}

function locateProfile({ nodes, intervalUs }: RawProfile, locator: Locator): ProfileDocument {
  return {
    nodes: nodes.map((node) => ({ parent: node.parent, location: locator.locate(node), ticks: linesOf(node, locator) })),
    intervalUs,
  };
}

/** The moments' stacks in one table: a stack that a moment lacks had nothing alive then. */
function joinHeapProfiles(moments: readonly RawHeapProfile[], locator: Locator): HeapProfileDocument {
  const stacks = new Map<string, { frames: RawFrame[]; liveBytes: number[]; addedBytes: number[] }>();
  moments.forEach((moment, i) => {
    for (const { frames, liveBytes, addedBytes } of moment.stacks) {
      const key = frames.map((frame) => `${frame.url}:${frame.line}:${frame.column}`).join('|');
      const known = stacks.get(key) ?? { frames, liveBytes: moments.map(() => 0), addedBytes: [0, 0, 0, 0] };
      known.liveBytes[i] = (known.liveBytes[i] ?? 0) + Math.round(liveBytes);
      if (i === moments.length - 1) known.addedBytes = known.addedBytes.map((bytes, part) => bytes + Math.round(addedBytes[part] ?? 0));
      stacks.set(key, known);
    }
  });
  return {
    tUs: moments.map(({ tUs }) => tUs),
    stacks: [...stacks.values()].map(({ frames, ...bytes }) => ({ frames: frames.map((frame) => locator.locate(frame)), ...bytes })),
  };
}
