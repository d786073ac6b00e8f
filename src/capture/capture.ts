import { setTimeout as delay } from 'node:timers/promises';
import { startCollecting } from '../collect/collect.js';
import { ERROR_KINDS, type LoadRun, type LoadSummary, routesOf, startLoad } from '../load/load.js';
import { type Documents, type Recording, type SessionDocument, STREAMS } from '../model/recording.js';
import type { ProbeConfig } from '../model/wire.js';
import { launch, type Target } from '../target/launch.js';
import { withPreload } from '../target/node-options.js';
import { awaitServing, portIsFree, type Serving } from '../target/serving.js';
import { stopTarget } from '../target/stop.js';
import { type EndingOf, ending } from './ending.js';
import { nowUs, recordingHeader } from './header.js';
import { createLocator } from './locations.js';
import type { CaptureEvents, CaptureOptions, CaptureProgress, CaptureResult } from './options.js';
import { openPeers, type Peers, unknownProcess } from './peers.js';
import { type SessionEnd, sessionDocument } from './session.js';
import { collectSources } from './sources.js';
import { startTape, type Tape } from './tape.js';

export type { CaptureEvents, CaptureOptions, CaptureProgress, CaptureResult } from './options.js';

/** How long a probe may take to hand over its profiles; a loop that is blocked for good never answers. */
const FINISH_MS = 8_000;
/** Time for a probe to speak up after the port was found by other means; then the target is no Node.js process. */
const PROBE_LATE_MS = 1_500;
/** Most servers end within it, and what they say about it then stands above the report. */
const STOP_PATIENCE_MS = 700;
const SAVE_EVERY_MS = 5_000;
const COUNT_EVERY_MS = 1_000;

/** One recording session: starts the target, loads it, records, ends it. Whatever ends it, what was seen until then is recorded. */
export async function capture(options: CaptureOptions, on: CaptureEvents): Promise<CaptureResult> {
  const originUs = nowUs();
  const peers = await openPeers();
  let target: Target | null = null;
  try {
    on.phase('starting');
    if (options.port !== null) await portIsFree(options.port);
    target = await launch({
      command: options.command,
      env: environment(options, peers, originUs),
      folder: peers.folder,
      stdoutToStderr: options.stdoutToStderr,
    });
    on.launched(target);
    const served = await awaitServing(target, {
      command: options.command,
      port: options.port,
      hintedPort: Number(process.env.PORT) || null,
      startupMs: options.startupMs,
      announced: peers.listeners,
      signal: options.interrupt,
    });
    if (served && served.otherPorts.length > 0) {
      on.note(`the target listens on ${[served.port, ...served.otherPorts].join(' and ')}; using ${served.port} (choose with --port N)`);
    }
    const recording = await record(options, on, originUs, peers, target, served);
    const stopped = stopTarget(target, stopSignal(options)).finally(() => peers.close());
    await Promise.race([stopped, delay(STOP_PATIENCE_MS, undefined, { ref: false })]);
    return { recording, stopped };
  } catch (error) {
    if (target) await stopTarget(target, stopSignal(options));
    peers.close();
    throw error;
  }
}

/** The target gets the signal that ddx got: it may clean up on SIGINT and not on SIGTERM. */
function stopSignal({ interrupt }: CaptureOptions): 'SIGTERM' | 'SIGINT' | 'SIGHUP' {
  return interrupt.aborted && (interrupt.reason === 'SIGINT' || interrupt.reason === 'SIGHUP') ? interrupt.reason : 'SIGTERM';
}

function environment(options: CaptureOptions, peers: Peers, originUs: number): Record<string, string> {
  if (options.depth === 'outside') return {};
  const config: ProbeConfig = { v: 1, socket: peers.socket, originUs, depth: options.depth };
  return { NODE_OPTIONS: withPreload(process.env.NODE_OPTIONS, options.preload), DDX_PROBE: JSON.stringify(config) };
}

async function record(
  options: CaptureOptions,
  on: CaptureEvents,
  originUs: number,
  peers: Peers,
  target: Target,
  served: Serving | null,
): Promise<Recording> {
  const { ddxVersion, command, cwd, depth, out } = options;
  const header = recordingHeader({ ddxVersion, originUs, command, cwd, depth, pid: target.pid, port: served?.port ?? null });
  const tape = startTape(out, peers.folder, header, (error) => on.note(`${error.message} What was recorded until now is kept.`));
  const documents: Documents = { processes: [], sites: [], profiles: [], heapProfiles: [], sources: [], spawns: [] };
  const locator = createLocator(cwd, options.preload);
  const procOf = registerProcesses(documents);
  const sinceStart = (): number => Math.round(nowUs() - originUs);
  const collecting = startCollecting({ pid: target.pid, originUs, procOf, strings: tape.intern, emit: tape.append });
  if (served) {
    peers.record(served.port, { tape, locator, documents, process: (proc) => documents.processes[proc]!, procOf });
    await probeOrNone(options, on, peers, procOf(served.pid ?? target.pid), documents);
  }

  const beganUs = sinceStart();
  const warmUs = beganUs + options.warmupS * 1e6;
  const session = (ended: SessionEnd): SessionDocument =>
    sessionDocument({ options, target, collecting, probes: peers.recording(), beganUs, warmUs }, ended);
  const saving = setInterval(() => {
    const soFar = session({ end: 'interrupted', endUs: sinceStart(), intakes: [], dropped: tape.dropped(), summary: null });
    tape.save({ ...documents, session: soFar });
  }, SAVE_EVERY_MS);
  const run = served && options.load ? startOurLoad(options, on, served, originUs, tape) : null;
  const counting = run ? null : setInterval(() => on.progress(countedSince(beganUs, sinceStart(), peers)), COUNT_EVERY_MS);
  on.phase(options.warmupS > 0 ? 'warming up' : 'recording');
  const warm = options.warmupS > 0 ? setTimeout(() => on.phase('recording'), options.warmupS * 1000) : null;
  // What the probe then takes stops the target briefly: before the window, so that no judged request feels it.
  const marking = setTimeout(() => peers.mark(), Math.max(0, options.warmupS * 1000 - MARK_AHEAD_MS));
  const end = served ? await ending(endingOf(options, on, target, run)) : 'interrupted';
  for (const timer of [saving, counting, warm, marking]) clearTimeout(timer ?? undefined);

  const endUs = end === 'duration' && options.durationS !== null ? warmUs + options.durationS * 1e6 : sinceStart();
  on.phase('finishing');
  const summary = run ? await run.stop().catch(() => null) : null;
  if (end === 'target-exit') await target.drained();
  const intakes = await peers.finish(documents, FINISH_MS);
  collecting.stop();
  if (summary) warnOf(summary, on);
  documents.session = session({ end, endUs, intakes, dropped: tape.dropped(), summary });
  documents.sources = collectSources(documents, locator.linesOf);
  return tape.end(documents);
}

function endingOf(options: CaptureOptions, on: CaptureEvents, target: Target, run: LoadRun | null): EndingOf {
  const withinMs = options.durationS === null ? null : (options.warmupS + options.durationS) * 1000;
  return { target, run, interrupt: options.interrupt, withinMs, loadFailed: (reason) => on.note(`${reason} The recording ends here.`) };
}

function countedSince(beganUs: number, nowUs: number, peers: Peers): CaptureProgress {
  return { elapsedS: (nowUs - beganUs) / 1e6, requests: peers.requests(), errors: 0, p99Ms: null };
}

function registerProcesses(documents: Documents): (pid: number) => number {
  const known = new Map<number, number>();
  return (pid) => {
    const proc = known.get(pid) ?? documents.processes.push(unknownProcess(pid)) - 1;
    if (known.has(pid)) return proc;
    documents.profiles.push(null);
    documents.heapProfiles.push(null);
    known.set(pid, proc);
    return proc;
  };
}

function startOurLoad(options: CaptureOptions, on: CaptureEvents, served: Serving, originUs: number, tape: Tape): LoadRun {
  const startedMs = performance.now();
  const requests = [...options.load!.requests];
  const routes = routesOf(requests).map(tape.intern);
  const errors = ERROR_KINDS.map(tape.intern);
  return startLoad(
    {
      host: served.host,
      port: served.port,
      requests,
      arrivals: options.load!.arrivals,
      durationS: options.warmupS + (options.durationS ?? UNTIL_INTERRUPTED_S),
      originUs,
    },
    {
      rows(rows) {
        for (let at = 0; at < rows.length; at += CLIENT.length) {
          rows[at + ROUTE] = routes[rows[at + ROUTE]!] ?? -1;
          rows[at + ERROR] = errors[rows[at + ERROR]!] ?? -1;
        }
        tape.append('client', rows);
      },
      progress: (progress) => on.progress({ ...progress, requests: progress.done, elapsedS: (performance.now() - startedMs) / 1000 }),
    },
  );
}

const MARK_AHEAD_MS = 500;
const UNTIL_INTERRUPTED_S = 86_400;
const CLIENT = STREAMS.client;
const ROUTE = CLIENT.indexOf('route');
const ERROR = CLIENT.indexOf('error');

async function probeOrNone(options: CaptureOptions, on: CaptureEvents, peers: Peers, proc: number, documents: Documents): Promise<void> {
  if (options.depth !== 'outside') {
    const deadlineMs = performance.now() + PROBE_LATE_MS;
    while (peers.recording() === 0 && performance.now() < deadlineMs) await delay(20);
    if (peers.recording() === 0)
      on.note('the target is not a Node.js process that loads the probe: only what can be seen from outside is recorded');
  }
  if (peers.recording() > 0) return;
  documents.processes[proc]!.role = 'target';
  // Nobody will come, and nobody would clear the socket away if ddx were killed.
  peers.close();
}

function warnOf(summary: LoadSummary, on: CaptureEvents): void {
  if (summary.generatorLimited) on.note('the load generator itself was at its limit: latencies contain its delay');
  if (summary.capReached)
    on.note(
      `all ${summary.connections} connections were in use at times: later requests waited for one, and that wait is in their latency`,
    );
}
