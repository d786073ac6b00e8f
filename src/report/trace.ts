import { ACCOUNT_NAMES } from '../model/account-names.js';
import type { Exemplar, ProfileTree, Report } from '../model/report.js';
import { cleanReport } from './clean.js';

/** Trace Event Format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU; times in microseconds. */
interface TraceEvent {
  ph: 'M' | 'X' | 'C' | 'i';
  name: string;
  cat?: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  s?: 'g';
  args: Record<string, unknown>;
}

const CPU_TRACK = 1;
const FIRST_REQUEST_TRACK = 10;
/** A file of some 20 MB; what is left out is said in it. */
const MOST_SLICES = 100_000;

/**
 * A Chrome trace, which opens in Perfetto and in speedscope: what the main thread ran, the example requests with their accounts, findings,
 * and every chart of the report as a counter. A request's accounts are laid one behind the other by size: how long is measured, when is
 * not known. Ends in a line feed.
 */
export function renderTrace(raw: Report): string {
  const report = cleanReport(raw);
  const pid = Math.max(1, report.target.pid);
  const slices = report.profile ? cpuSlices(report.profile, pid) : [];
  const traceEvents: TraceEvent[] = [
    named('process_name', report.target.command, pid, 0),
    ...(slices.length > 0 ? [named('thread_name', 'main thread, sampled', pid, CPU_TRACK)] : []),
    ...slices.slice(0, MOST_SLICES),
    ...report.exemplars.flatMap((exemplar, i) => requestSlices(exemplar, pid, FIRST_REQUEST_TRACK + i)),
    ...report.findings.map(
      ({ title, summary, rule, role }): TraceEvent => ({
        ph: 'i',
        s: 'g',
        name: title,
        cat: 'finding',
        pid,
        tid: 0,
        ts: 0,
        args: { rule, role, summary },
      }),
    ),
    ...Object.entries(report.series).flatMap(([name, { unit, points }]) =>
      points.map(([tS, value]): TraceEvent => ({ ph: 'C', name: `${name} [${unit}]`, pid, tid: 0, ts: micros(tS), args: { value } })),
    ),
  ];
  const trace = {
    displayTimeUnit: 'ms',
    otherData: {
      source: `ddx ${report.ddx.version}`,
      verdict: report.verdict,
      summary: report.summary,
      zero: new Date(report.window.startEpochMs).toISOString(),
      'slices left out': Math.max(0, slices.length - MOST_SLICES),
    },
    traceEvents,
  };
  return `${JSON.stringify(trace)}\n`;
}

function named(name: 'process_name' | 'thread_name', text: string, pid: number, tid: number): TraceEvent {
  return { ph: 'M', name, pid, tid, ts: 0, args: { name: text } };
}

/** Calls that go on from one sample to the next are one slice. Outer ones come first. */
function cpuSlices({ nodes, timeline }: ProfileTree, pid: number): TraceEvent[] {
  const events: TraceEvent[] = [];
  let open: { node: number; event: TraceEvent }[] = [];
  let ts = micros(timeline.startS);
  for (const [i, node] of timeline.nodes.entries()) {
    const stack: number[] = [];
    for (let at = node; nodes[at] !== undefined; at = nodes[at]!.parent) stack.unshift(at);
    const same = open.findIndex((call, depth) => call.node !== stack[depth]);
    const kept = same < 0 ? open.length : same;
    for (const { event } of open.slice(kept)) event.dur = ts - event.ts;
    open = open.slice(0, kept);
    for (const called of stack.slice(kept)) {
      const { function: name, file, line, source } = nodes[called]!;
      const event: TraceEvent = {
        ph: 'X',
        name,
        cat: source,
        pid,
        tid: CPU_TRACK,
        ts,
        dur: 0,
        args: file === '' ? {} : { at: `${file}:${line}` },
      };
      events.push(event);
      open.push({ node: called, event });
    }
    ts += timeline.us[i] ?? 0;
  }
  for (const { event } of open) event.dur = ts - event.ts;
  return events;
}

function requestSlices({ id, route, status, startS, wallMs, why, accounts }: Exemplar, pid: number, tid: number): TraceEvent[] {
  const ts = micros(startS);
  const dur = Math.round(wallMs * 1000);
  let at = ts;
  const parts = accounts.map(({ account, detail, ms }): TraceEvent => {
    const from = at;
    at = Math.min(ts + dur, at + Math.round(ms * 1000));
    const args = { ...(detail === undefined ? {} : { detail }), order: 'by size, not by time' };
    return { ph: 'X', name: ACCOUNT_NAMES[account] ?? account, cat: account, pid, tid, ts: from, dur: at - from, args };
  });
  return [
    named('thread_name', `request ${id}: ${route} (${why})`, pid, tid),
    { ph: 'X', name: route, cat: 'request', pid, tid, ts, dur, args: { status, why } },
    ...parts,
  ];
}

function micros(seconds: number): number {
  return Math.round(seconds * 1e6);
}
