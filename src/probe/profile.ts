import { nowUs } from './clock.js';
import type { CallFrame, Inspector } from './inspector.js';
import type { Probe, Source } from './probe.js';

interface CpuProfile {
  nodes: { id: number; callFrame: CallFrame; children?: number[]; positionTicks?: { line: number; ticks: number }[] }[];
  startTime: number;
  samples?: number[];
  timeDeltas?: number[];
}

const INTERVAL_US = 1000;
/** A profile grows by a sample a millisecond; beyond this it ends, and the rest of the recording goes without. */
const MAX_DURATION_US = 600_000_000;

/** CPU profile of the main thread, sent when the recording ends. `urls` collects the scripts that it mentions. */
export function recordProfile(probe: Probe, inspector: Inspector, originUs: number, urls: Set<string>): Source | null {
  if (inspector.ask('Profiler.enable') === null) return null;
  inspector.ask('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  let startedUs = 0;
  let running = false;
  const start = () => {
    const beforeUs = nowUs();
    running = inspector.ask('Profiler.start') !== null;
    startedUs = (beforeUs + nowUs()) / 2;
  };
  start();
  if (!running) return null;
  const discard = () => {
    if (running) inspector.ask('Profiler.stop');
    running = false;
  };

  const send = () => {
    if (!running) return;
    running = false;
    const stopped = inspector.ask<{ profile: CpuProfile }>('Profiler.stop');
    if (!stopped) return;
    const { profile } = stopped;
    // V8 takes its times from the same monotonic clock as hrtime; where it does not, lay its start on ours.
    const offByUs = profile.startTime - originUs - startedUs;
    const zeroUs = Math.abs(offByUs) < 1_000_000 ? profile.startTime - originUs : startedUs;
    writeProfile(probe, profile, zeroUs, urls);
  };
  return {
    flush(tUs) {
      if (running && tUs - startedUs > MAX_DURATION_US) send();
    },
    finish: send,
    pause: discard,
    resume: start,
    stop() {
      discard();
      inspector.ask('Profiler.disable');
    },
  };
}

function writeProfile(probe: Probe, profile: CpuProfile, zeroUs: number, urls: Set<string>): void {
  const index = new Map(profile.nodes.map((node, i) => [node.id, i]));
  const parents = new Int32Array(profile.nodes.length).fill(-1);
  profile.nodes.forEach((node, i) => {
    for (const child of node.children ?? []) parents[index.get(child)!] = i;
  });
  const nodes = profile.nodes.map(({ callFrame, positionTicks }, i) => {
    urls.add(callFrame.url);
    return {
      parent: parents[i]!,
      function: callFrame.functionName,
      url: callFrame.url,
      line: callFrame.lineNumber + 1,
      column: callFrame.columnNumber + 1,
      ticks: (positionTicks ?? []).map(({ line, ticks }): [number, number] => [line, ticks]),
    };
  });
  probe.link.message({ t: 'profile', intervalUs: INTERVAL_US, nodes });
  const { samples = [], timeDeltas = [] } = profile;
  const row = probe.rows.samples;
  let tUs = zeroUs;
  for (let i = 0; i < samples.length; i++) {
    tUs += timeDeltas[i] ?? 0;
    const at = row.claim();
    row.values[at] = Math.round(tUs);
    row.values[at + 1] = index.get(samples[i]!) ?? 0;
  }
}
