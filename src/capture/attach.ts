import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recording } from '../model/recording.js';
import { clusterWorkers, watchProcess } from '../target/attach/attached.js';
import type { CaughtBlock } from '../target/attach/caught-block.js';
import type { Executable } from '../target/attach/elf.js';
import { servingOf } from '../target/attach/find.js';
import { mayEnter } from '../target/attach/preflight.js';
import { isSame, type ProcessFacts } from '../target/attach/process-facts.js';
import { Refusal } from '../target/attach/refusal.js';
import { nowUs } from './header.js';
import { joinProcess } from './join.js';
import type { CaptureEvents, RecordOptions } from './options.js';
import { openPeers, type Peers } from './peers.js';
import { type Admission, record, type Stage } from './record.js';
import { pathWithoutSecrets } from './secrets.js';

/** How to record a process that already runs. `preload` is the probe that is made for it. */
export interface AttachOptions extends Omit<RecordOptions, 'command' | 'cwd'> {
  process: ProcessFacts;
  port: number | null;
  /** The user vouches that the application does not handle SIGUSR1. */
  forceSignal: boolean;
}

/** One recording of a process that goes on afterwards as it was. Throws DDX_TARGET_SILENT, DDX_OUTPUT_UNWRITABLE. */
export async function attach(options: AttachOptions, on: CaptureEvents): Promise<Recording> {
  const { process: facts } = options;
  const originUs = nowUs();
  on.phase('attaching');
  const served = await servingOf(facts, options.port, options.load !== null);
  if (served && served.otherPorts.length > 0 && options.load) {
    on.note(
      `process ${facts.pid} listens on ${[served.port, ...served.otherPorts].join(' and ')}; using ${served.port} (choose with --port N)`,
    );
  }
  // The slow part of looking comes before anything that a ddx that is killed would leave lying about.
  const workers = clusterWorkers(facts);
  const members = options.depth === 'outside' ? [] : (workers.length > 0 ? workers : [facts]).map(lookAt);
  const isStranger = process.geteuid?.() === 0 && facts.uid !== 0;
  const peers = await openPeers({
    owner: isStranger ? { uid: facts.uid, gid: facts.gid } : null,
    root: facts.otherNamespaces.includes('mnt') ? `/proc/${facts.pid}/root` : '',
  });
  const target = watchProcess(facts);
  const late = new AbortController();
  const afterwards: Promise<boolean>[] = [];
  // The folder of the socket is another user's by now: what ddx writes does not belong there.
  const folder = isStranger ? mkdtempSync(join(tmpdir(), 'ddx-')) : peers.folder;
  const removeFolder = () => isStranger && rmSync(folder, { recursive: true, force: true });
  try {
    return await record({ ...options, command: facts.argv, cwd: facts.cwd }, on, {
      originUs,
      peers,
      folder,
      target,
      served,
      async admit(stage) {
        removeFolder();
        const refused = (refusal: Refusal) => refusal.afterwards && afterwards.push(refusal.afterwards(late.signal));
        const { documents, procOf } = stage;
        for (const member of members.length > 0 ? members.map((one) => one.facts) : [facts]) {
          // What its probe says of itself replaces this.
          Object.assign(documents.processes[procOf(member.pid)]!, { role: 'target', runtime: member.program, ppid: member.ppid });
        }
        return members.length === 0 ? alone(peers, null) : admit(options, members, on, peers, originUs, stage, refused);
      },
    });
  } finally {
    removeFolder();
    target.release();
    peers.close();
    await putRight(afterwards, late, on);
  }
}

/** The inspector of a process that did not answer opens later; ddx should not be gone by then. */
async function putRight(afterwards: readonly Promise<boolean>[], late: AbortController, on: CaptureEvents): Promise<void> {
  if (afterwards.length === 0) return;
  const timer = setTimeout(() => late.abort(), PATIENCE_MS);
  const done = await Promise.all(afterwards);
  clearTimeout(timer);
  if (!done.every(Boolean))
    on.note('the inspector of the process opens as soon as its main thread goes on, and ddx is not there to shut it');
}

const PATIENCE_MS = 10_000;

interface Member {
  facts: ProcessFacts;
  executable: Executable | null | Refusal;
}

function lookAt(facts: ProcessFacts): Member {
  try {
    return { facts, executable: mayEnter(facts) };
  } catch (error) {
    if (error instanceof Refusal) return { facts, executable: error };
    throw error;
  }
}

/**
 * Brings the probe into the process, or into the workers of its cluster: one after the other, because they would share one inspector port.
 * Never into their primary: Node passes its SIGUSR1 on to all of them at once.
 */
async function admit(
  options: AttachOptions,
  members: readonly Member[],
  on: CaptureEvents,
  peers: Peers,
  originUs: number,
  stage: Stage,
  refused: (refusal: Refusal) => void,
): Promise<Admission> {
  const { forceSignal, preload: probe, interrupt } = options;
  // Outside nobody is let in, so that this is not asked.
  const depth = options.depth === 'outside' ? 'light' : options.depth;
  const { documents, procOf } = stage;
  peers.record(null, { ...stage, process: (proc) => documents.processes[proc]!, procOf, sliced: options.watching !== undefined });
  const refusals: string[] = [];
  let blocked = 0;
  for (const { facts, executable } of members) {
    if (interrupt.aborted) break;
    const proc = procOf(facts.pid);
    try {
      if (executable instanceof Refusal) throw executable;
      const outcome = await joinProcess({
        facts,
        executable,
        forceSignal,
        probe,
        config: {
          v: 1,
          socket: peers.socket,
          originUs,
          depth,
          blockMs: options.blockMs,
          watched: options.watching !== undefined,
          attachedTo: facts.pid,
        },
        recording: peers.recording,
        caught: (block, sinceMs) => noteBlock(stage, proc, block, sinceMs),
      });
      if (outcome === 'blocked') blocked++;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused(error);
      refusals.push(isSame(facts) ? error.message : 'it ended just then');
      on.note(`process ${facts.pid} is seen from outside only: ${refusals.at(-1)}. ${error.next}`.trimEnd());
    }
  }
  if (peers.recording() > 0) return { probeAbsent: null, over: false };
  if (blocked > 0) {
    on.note('the event loop does not turn: the stack of what holds it was taken, and there is nothing else to wait for');
    return { ...alone(peers, 'the event loop never turned'), over: true };
  }
  return alone(peers, refusals[0] ?? null);
}

/** Nobody will come, and nobody would clear the socket away if ddx were killed. */
function alone(peers: Peers, probeAbsent: string | null): Admission {
  peers.close();
  return { probeAbsent, over: false };
}

function noteBlock(stage: Stage, proc: number, { frames, urlPath, sourceMaps }: CaughtBlock, sinceMs: number): void {
  const { documents, locator, sinceStart } = stage;
  const endUs = sinceStart();
  for (const { url, sourceMapUrl } of sourceMaps) locator.addScript(url, sourceMapUrl);
  documents.blocks ??= [];
  documents.blocks.push({
    proc,
    startUs: Math.round(endUs - sinceMs * 1000),
    endUs,
    owner: 0,
    urlPath: urlPath === null ? null : pathWithoutSecrets(urlPath),
    frames: frames.map((frame) => locator.locate(frame)),
  });
}
