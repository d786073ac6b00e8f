import { cpus, release, totalmem } from 'node:os';
import { type Collecting, startCollecting } from '../collect/collect.js';
import { type LoadOptions, type LoadRun, type LoadSummary, startLoad } from '../load/load.js';
import type { RequestTemplate } from '../load/parse-path.js';
import type { Depth } from '../model/options.js';
import type { Documents, RecordingHeader, SessionDocument } from '../model/recording.js';
import type { ProbeConfig } from '../model/wire.js';
import { RecordingWriter } from '../recording/writer.js';
import { launch, type Target } from '../target/launch.js';
import { withPreload } from '../target/node-options.js';
import { awaitServing, portIsFree, type Serving } from '../target/serving.js';
import { stopTarget } from '../target/stop.js';
import { createLocator } from './locations.js';
import { openPeers, type Peers, unknownProcess } from './peers.js';
import { collectSources, withoutSecrets } from './sources.js';

export interface CaptureOptions {
  command: readonly string[];
  cwd: string;
  depth: Depth;
  /** Where the recording is written; truncated if it exists. */
  out: string;
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
  /** Aborted by the user's Ctrl-C: ends the recording early, with everything it has. */
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
  end: SessionDocument['end'];
  targetExit: SessionDocument['targetExit'];
}

/** How long a probe may take to hand over its profiles; a loop that is blocked for good never answers. */
const FINISH_MS = 2_500;
/** Time for a probe to speak up after the port was found by other means; then the target is no Node.js process. */
const PROBE_LATE_MS = 1_500;

/** One recording session: starts the target, loads it, records, ends it. Whatever ends it, what was seen until then is in the file. */
export async function capture(options: CaptureOptions, on: CaptureEvents): Promise<CaptureResult> {
  const originUs = nowUs();
  const peers = await openPeers();
  try {
    on.phase('starting');
    if (options.port !== null) await portIsFree(options.port);
    const target = await launch({
      command: options.command,
      env: environment(options, peers, originUs),
      folder: peers.folder,
      stdoutToStderr: options.stdoutToStderr,
    });
    on.launched(target);
    try {
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
      return await record(options, on, originUs, peers, target, served);
    } finally {
      await stopTarget(target);
    }
  } finally {
    peers.close();
  }
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
): Promise<CaptureResult> {
  const writer = new RecordingWriter(options.out, headerOf(options, originUs, target, served));
  const documents: Documents = { processes: [], sites: [], profiles: [], heapProfiles: [], sources: [], spawns: [] };
  const locator = createLocator(options.cwd);
  const procs = new Map<number, number>();
  const procOf = (pid: number): number => {
    const known = procs.get(pid);
    if (known !== undefined) return known;
    documents.profiles.push(null);
    documents.heapProfiles.push(null);
    const proc = documents.processes.push(unknownProcess(pid)) - 1;
    procs.set(pid, proc);
    return proc;
  };
  const sinceStart = (): number => Math.round(nowUs() - originUs);
  const collecting = startCollecting({
    pid: target.pid,
    originUs,
    procOf,
    strings: (text) => writer.intern(text),
    emit: (stream, rows) => writer.append(stream, rows),
  });
  if (served) {
    peers.record(served.port, { writer, locator, documents, process: (proc) => documents.processes[proc]!, procOf });
    await probeOrNone(options, on, peers, procOf(target.pid), documents);
  }

  const windowStartUs = sinceStart() + options.warmupS * 1e6;
  const run = served && options.load ? startOurLoad(options, on, served, originUs, writer) : null;
  on.phase(options.warmupS > 0 ? 'warming up' : 'recording');
  const warm = setTimeout(() => on.phase('recording'), options.warmupS * 1000);
  const end = served ? await ending(options, target, run) : 'interrupted';
  clearTimeout(warm);
  const windowEndUs = end === 'duration' && options.durationS !== null ? windowStartUs + options.durationS * 1e6 : sinceStart();
  on.phase('finishing');
  const summary = run ? await run.stop() : null;
  if (end === 'target-exit') await target.drained();
  const intakes = await peers.finish(documents, FINISH_MS);
  collecting.stop();

  const selfUs = intakes.reduce((sum, intake) => sum + intake.selfUs, 0);
  const dropped = { ...writer.dropped };
  for (const intake of intakes)
    for (const [stream, rows] of Object.entries(intake.dropped))
      dropped[stream as keyof typeof dropped] = (dropped[stream as keyof typeof dropped] ?? 0) + rows;
  documents.session = {
    windowStartUs,
    windowEndUs: Math.max(windowStartUs, windowEndUs),
    load: describeLoad(options),
    dropped,
    end,
    targetExit: end === 'target-exit' ? target.exit() : null,
    stderrTail: end === 'target-exit' ? (target.stderrTail() ?? []).map(withoutSecrets) : [],
    limits: collecting.limits(),
    sources: sourcesOf(options, collecting, intakes.length),
    probeShare: intakes.length > 0 ? selfUs / Math.max(1, windowEndUs) : -1,
    generatorLag: summary ? { p50Us: summary.lagP50Us, p99Us: summary.lagP99Us } : null,
  };
  if (summary) warnOf(summary, on);
  documents.sources = collectSources(documents, locator.pathOf);
  writer.setDocuments(documents);
  writer.close();
  return { end, targetExit: documents.session?.targetExit ?? null };
}

function startOurLoad(options: CaptureOptions, on: CaptureEvents, served: Serving, originUs: number, writer: RecordingWriter): LoadRun {
  const startedMs = performance.now();
  return startLoad(
    {
      host: served.host,
      port: served.port,
      requests: [...options.load!.requests],
      arrivals: options.load!.arrivals,
      durationS: options.warmupS + (options.durationS ?? 86_400),
      originUs,
    },
    {
      rows: (rows) => writer.append('client', rows),
      progress: (progress) => on.progress({ ...progress, requests: progress.done, elapsedS: (performance.now() - startedMs) / 1000 }),
    },
  );
}

async function probeOrNone(options: CaptureOptions, on: CaptureEvents, peers: Peers, proc: number, documents: Documents): Promise<void> {
  if (options.depth !== 'outside') {
    const deadline = performance.now() + PROBE_LATE_MS;
    while (peers.recording() === 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    if (peers.recording() === 0)
      on.note('the target is not a Node.js process that loads the probe: only what can be seen from outside is recorded');
  }
  if (peers.recording() === 0) documents.processes[proc]!.role = 'target';
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

function headerOf(options: CaptureOptions, originUs: number, target: Target, served: Serving | null): RecordingHeader {
  return {
    schemaVersion: 1,
    ddxVersion: options.ddxVersion,
    clock: { originUs, wallEpochMs: Date.now() },
    machine: {
      platform: process.platform,
      arch: process.arch,
      cores: cpus().length,
      cpuModel: cpus()[0]?.model ?? 'unknown',
      memoryBytes: totalmem(),
      kernel: release(),
    },
    target: { command: withoutSecretArguments(options.command), cwd: options.cwd, pid: target.pid, port: served?.port ?? null },
    depth: options.depth,
  };
}

/** Values of arguments that are named like secrets never enter a recording. */
function withoutSecretArguments(command: readonly string[]): string[] {
  const named = /(pass|secret|token|key|auth|credential)/i;
  return command.map((argument, i) => {
    const [name, value] = argument.split(/=(.*)/s);
    if (value !== undefined && named.test(name!)) return `${name}=•••`;
    const before = command[i - 1] ?? '';
    if (before.startsWith('-') && !before.includes('=') && named.test(before)) return '•••';
    return argument.replace(/(\w+:\/\/[^\s:/@]+:)[^\s@]+@/g, '$1•••@');
  });
}

/** Microseconds of the machine's monotonic clock, the same in every process. */
function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
