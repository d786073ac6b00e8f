import { setTimeout as delay } from 'node:timers/promises';
import type { Recording } from '../model/recording.js';
import type { ProbeConfig } from '../model/wire.js';
import { launch, type Target } from '../target/launch.js';
import { withPreload } from '../target/node-options.js';
import { awaitServing, portIsFree, type Serving } from '../target/serving.js';
import { stopTarget } from '../target/stop.js';
import { nowUs } from './header.js';
import type { CaptureEvents, CaptureOptions, CaptureResult, LaunchEvents } from './options.js';
import { openPeers, type Peers } from './peers.js';
import { type Admission, record, type Stage } from './record.js';

export type { CaptureOptions, CaptureProgress, CaptureResult, RecordOptions } from './options.js';

/** Time for a probe to speak up after the port was found by other means; then the target is no Node.js process. */
const PROBE_LATE_MS = 1_500;
/** Most servers end within it, and what they say about it then stands above the report. */
const STOP_PATIENCE_MS = 700;

/** One recording session: starts the target, loads it, records, ends it. Whatever ends it, what was seen until then is recorded. */
export async function capture(options: CaptureOptions, on: LaunchEvents): Promise<CaptureResult> {
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
    const { pid } = target;
    const recording: Recording = await record(options, on, {
      originUs,
      peers,
      folder: peers.folder,
      target,
      served,
      admit: (stage) => admit(options, on, peers, served, pid, stage),
    });
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
  const config: ProbeConfig = { v: 1, socket: peers.socket, originUs, depth: options.depth, blockMs: options.blockMs };
  return { NODE_OPTIONS: withPreload(process.env.NODE_OPTIONS, options.preload), DDX_PROBE: JSON.stringify(config) };
}

async function admit(
  options: CaptureOptions,
  on: CaptureEvents,
  peers: Peers,
  served: Serving | null,
  pid: number,
  { documents, procOf, tape, locator }: Stage,
): Promise<Admission> {
  if (!served) return { probeAbsent: NO_PROBE, over: false };
  peers.record(served.port, { tape, locator, documents, process: (proc) => documents.processes[proc]!, procOf });
  const proc = procOf(served.pid ?? pid);
  if (options.depth !== 'outside') {
    const deadlineMs = performance.now() + PROBE_LATE_MS;
    while (peers.recording() === 0 && performance.now() < deadlineMs) await delay(20);
    if (peers.recording() === 0)
      on.note('the target is not a Node.js process that loads the probe: only what can be seen from outside is recorded');
  }
  if (peers.recording() > 0) return { probeAbsent: null, over: false };
  documents.processes[proc]!.role = 'target';
  // Nobody will come, and nobody would clear the socket away if ddx were killed.
  peers.close();
  return { probeAbsent: NO_PROBE, over: false };
}

const NO_PROBE = 'the target is not a Node.js process that loads it';
