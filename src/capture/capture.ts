import { setTimeout as delay } from 'node:timers/promises';
import { type Collecting, startCollecting } from '../collect/collect.js';
import { ERROR_KINDS, type LoadOptions, type LoadRun, type LoadSummary, type RequestTemplate, routesOf, startLoad } from '../load/load.js';
import type { Depth } from '../model/options.js';
import { type Documents, type Recording, type SessionDocument, STREAMS } from '../model/recording.js';
import type { ProbeConfig } from '../model/wire.js';
import { launch, type Target } from '../target/launch.js';
import { withPreload } from '../target/node-options.js';
import { awaitServing, portIsFree, type Serving } from '../target/serving.js';
import { stopTarget } from '../target/stop.js';
import { nowUs, recordingHeader } from './header.js';
import type { Intake } from './intake.js';
import { createLocator } from './locations.js';
import { openPeers, type Peers, unknownProcess } from './peers.js';
import { collectSources, withoutSecrets } from './sources.js';
import { startTape, type Tape } from './tape.js';

export interface CaptureOptions {
  command: readonly string[];
  cwd: string;
  depth: Depth;
  /** Where the recording is kept; null: nowhere. */
  out: string | null;
  ddxVersion: string;
  /** Absolute path of the built probe. */
  preload: string;
  load: { requests: readonly RequestTemplate[]; arrivals: LoadOptions['arrivals'] } | null;
  /** Seconds to record after the warm-up; null: until interrupted or the target ends. */
  durationS: number | null;
  warmupS: number;
  port: number | null;
  startupMs: number;
  /** Under --json our stdout is for the report alone. */
  stdoutToStderr: boolean;
  /** Aborted by the user's Ctrl-C, its reason the signal's name: ends the recording early, with everything it has. */
  interrupt: AbortSignal;
}

export interface CaptureEvents {
  phase(phase: 'starting' | 'warming up' | 'recording' | 'finishing'): void;
  /** Something the user should know and can act on. */
  note(text: string): void;
  progress(progress: { elapsedS: number; requests: number; errors: number; p50Ms: number; p99Ms: number }): void;
  launched(target: Target): void;
}

export interface CaptureResult {
  recording: Recording;
  /** Resolves when the target and all it started are gone; they have been told to go. */
  stopped: Promise<void>;
}

/** How long a probe may take to hand over its profiles; a loop that is blocked for good never answers. */
const FINISH_MS = 2_000;
/** Time for a probe to speak up after the port was found by other means; then the target is no Node.js process. */
const PROBE_LATE_MS = 1_500;
/** Most servers end within it, and what they say about it then stands above the report. */
const STOP_PATIENCE_MS = 700;
const SAVE_EVERY_MS = 5_000;

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
    await Promise.race([stopped, delay(STOP_PATIENCE_MS)]);
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
  const locator = createLocator(cwd);
  const procOf = registerProcesses(documents);
  const sinceStart = (): number => Math.round(nowUs() - originUs);
  const collecting = startCollecting({ pid: target.pid, originUs, procOf, strings: tape.intern, emit: tape.append });
  if (served) {
    peers.record(served.port, { tape, locator, documents, process: (proc) => documents.processes[proc]!, procOf });
    await probeOrNone(options, on, peers, procOf(served.pid ?? target.pid), documents);
  }

  const windowStartUs = sinceStart() + options.warmupS * 1e6;
  const sessionSoFar = (
    end: SessionDocument['end'],
    endUs: number,
    intakes: readonly Intake[],
    summary: LoadSummary | null,
  ): SessionDocument => ({
    windowStartUs,
    windowEndUs: Math.max(windowStartUs, endUs),
    load: describeLoad(options),
    dropped: droppedRows(tape, intakes),
    end,
    targetExit: end === 'target-exit' ? target.exit() : null,
    stderrTail: end === 'target-exit' ? (target.stderrTail() ?? []).map(withoutSecrets) : [],
    limits: collecting.limits(),
    sources: sourcesOf(options, collecting, peers.recording()),
    probeShare: probeShare(intakes, endUs),
    generatorLag: summary ? { p50Us: summary.lagP50Us, p99Us: summary.lagP99Us } : null,
  });
  const saving = setInterval(() => {
    tape.save({ ...documents, session: sessionSoFar('interrupted', sinceStart(), [], null) });
  }, SAVE_EVERY_MS);

  const run = served && options.load ? startOurLoad(options, on, served, originUs, tape) : null;
  on.phase(options.warmupS > 0 ? 'warming up' : 'recording');
  const warm = setTimeout(() => on.phase('recording'), options.warmupS * 1000);
  // What the probe then takes stops the target briefly: before the window, so that no judged request feels it.
  const marking = setTimeout(() => peers.mark(), Math.max(0, options.warmupS * 1000 - MARK_AHEAD_MS));
  const end = served ? await ending(options, target, run) : 'interrupted';
  clearTimeout(warm);
  clearTimeout(marking);
  clearInterval(saving);
  const endUs = end === 'duration' && options.durationS !== null ? windowStartUs + options.durationS * 1e6 : sinceStart();
  on.phase('finishing');
  const summary = run ? await run.stop().catch(() => null) : null;
  if (end === 'target-exit') await target.drained();
  const intakes = await peers.finish(documents, FINISH_MS);
  collecting.stop();
  if (summary) warnOf(summary, on);
  documents.session = sessionSoFar(end, endUs, intakes, summary);
  documents.sources = collectSources(documents, locator.pathOf);
  return tape.end(documents);
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

function droppedRows(tape: Tape, intakes: readonly Intake[]): SessionDocument['dropped'] {
  const sum = tape.dropped();
  for (const { dropped } of intakes) {
    for (const stream of Object.keys(dropped) as (keyof typeof dropped)[]) sum[stream] = (sum[stream] ?? 0) + (dropped[stream] ?? 0);
  }
  return sum;
}

/** Mean over the processes that said goodbye; one that crashed could not. */
function probeShare(intakes: readonly Intake[], endUs: number): number {
  const selfUs = intakes.map((intake) => intake.selfUs).filter((us) => us >= 0);
  return selfUs.length > 0 ? selfUs.reduce((sum, us) => sum + us, 0) / selfUs.length / Math.max(1, endUs) : -1;
}

function ending(options: CaptureOptions, target: Target, run: LoadRun | null): Promise<SessionDocument['end']> {
  return new Promise((resolve) => {
    target.exited.then(() => resolve('target-exit'));
    if (options.interrupt.aborted) resolve('interrupted');
    options.interrupt.addEventListener('abort', () => resolve('interrupted'), { once: true });
    if (run)
      run.done.then(
        () => resolve('duration'),
        () => resolve('duration'),
      );
    else if (options.durationS !== null) setTimeout(() => resolve('duration'), (options.warmupS + options.durationS) * 1000);
  });
}

function describeLoad(options: CaptureOptions): SessionDocument['load'] {
  if (!options.load) return null;
  const { arrivals, requests } = options.load;
  return {
    kind: arrivals.kind,
    ratePerS: arrivals.kind === 'open' ? arrivals.ratePerS : null,
    connections: arrivals.kind === 'closed' ? arrivals.connections : null,
    routes: [...new Set(requests.map(({ route }) => route))],
  };
}

function sourcesOf(options: CaptureOptions, collecting: Collecting, probes: number): SessionDocument['sources'] {
  const because = options.depth === 'outside' ? 'the depth asked for is "outside"' : 'the target is not a Node.js process that loads it';
  return [probes > 0 ? { name: 'probe', active: true } : { name: 'probe', active: false, because }, ...collecting.sources];
}

function warnOf(summary: LoadSummary, on: CaptureEvents): void {
  if (summary.generatorLimited) on.note('the load generator itself was at its limit: latencies contain its delay');
  if (summary.capReached)
    on.note(
      `all ${summary.connections} connections were in use at times: later requests waited for one, and that wait is in their latency`,
    );
}
