import { upperBound } from '../ledger/timeline.js';
import type { Fact } from '../model/fact.js';
import type { Recording } from '../model/recording.js';
import { ascending, grouped, quantile } from './stats.js';
import { window } from './window.js';

/** Requests whose handlers waited for their clients to send the body. */
export interface SlowBodies {
  /** The route that lost most of its time to that. */
  route: string;
  /** Its requests with a body, and those whose clients were slow to send it. */
  bodies: number;
  slow: number;
  /** Of the slow ones: how long their bodies were on the way, and how long they took after that; medians. */
  sendMs: number;
  workMs: number;
  /** Of the time that all of the route's requests took, the share in which only the body was waited for, 0..1. */
  share: number;
  /** Requests that stood there at any moment, waiting for a body. */
  held: number;
}

/** What a person notices; a client on the same network has sent its body long before. */
const SLOW_US = 250_000;

export const slowBodies: Fact<SlowBodies> = {
  id: 'slow-bodies',
  compute(recording, get) {
    const { startUs, endUs, durationUs } = get(window);
    if (!recording.documents.incoming)
      return {
        ok: false,
        because: 'when bodies had come was not recorded',
        enable: 'record a Node.js server with --depth light or deeper',
      };
    const { requests } = recording.streams;
    const busyUs = busyIn(recording);
    const routes = new Map<number, Sum>();
    for (let row = 0; row < requests.rows; row++) {
      const [from, to, bodyUs] = [requests.startUs[row]!, requests.endUs[row]!, requests.bodyUs[row]!];
      if (to < startUs || from > endUs) continue;
      const sum = routes.get(requests.route[row]!) ?? { wallUs: 0, sentUs: 0, bodies: 0, slow: [] };
      routes.set(requests.route[row]!, sum);
      sum.wallUs += to - from;
      // One that was answered before all of its body had come was not held by it.
      if (bodyUs < 0 || bodyUs > to) continue;
      sum.bodies++;
      const fromUs = requests.bodyFromUs[row]!;
      // Bytes also lie in the kernel while the thread is busy; that is not their client's doing.
      const sentUs = Math.max(0, bodyUs - fromUs - busyUs(requests.proc[row]!, fromUs, bodyUs));
      sum.sentUs += sentUs;
      if (sentUs >= SLOW_US) sum.slow.push({ sentUs, workUs: to - bodyUs });
    }
    const [most] = [...routes].sort((a, b) => b[1].sentUs - a[1].sentUs);
    if (!most) return { ok: false, because: 'no request came in the window' };
    const [route, { wallUs, sentUs, bodies, slow }] = most;
    const median = (values: number[]) => quantile(ascending(values), 0.5);
    return {
      ok: true,
      value: {
        route: recording.strings[route] ?? '(unknown)',
        bodies,
        slow: slow.length,
        sendMs: median(slow.map((one) => one.sentUs)) / 1e3,
        workMs: median(slow.map(({ workUs }) => workUs)) / 1e3,
        share: wallUs > 0 ? sentUs / wallUs : 0,
        held: sentUs / durationUs,
      },
    };
  },
};

interface Sum {
  wallUs: number;
  sentUs: number;
  bodies: number;
  slow: { sentUs: number; workUs: number }[];
}

/**
 * At most so long was the thread of `proc` at work between two moments, known in steps of a quarter of a second: its busy share, and its
 * longest turn, which may have stood at the end.
 */
function busyIn(recording: Recording): (proc: number, fromUs: number, toUs: number) => number {
  const { loop } = recording.streams;
  const spans = Array.from({ length: loop.rows }, (_, row) => {
    const spanUs = loop.activeUs[row]! + loop.idleUs[row]!;
    const toUs = loop.tUs[row]!;
    return {
      proc: loop.proc[row]!,
      fromUs: toUs - spanUs,
      toUs,
      share: loop.activeUs[row]! / spanUs,
      longestUs: Math.max(0, loop.delayMaxUs[row]!),
    };
  });
  const byProc = grouped(
    spans.filter(({ fromUs, toUs }) => toUs > fromUs),
    ({ proc }) => proc,
  );
  const steps = new Map([...byProc].map(([proc, list]) => [proc, { list, ends: Float64Array.from(list, ({ toUs }) => toUs) }]));
  return (proc, fromUs, toUs) => {
    let busyUs = 0;
    let longestUs = 0;
    const { list, ends } = steps.get(proc) ?? { list: [], ends: new Float64Array() };
    // Each body is on its way for a few of the steps of a recording that may have thousands.
    for (let at = upperBound(ends, fromUs); at < list.length && list[at]!.fromUs < toUs; at++) {
      const step = list[at]!;
      const withinUs = Math.min(toUs, step.toUs) - Math.max(fromUs, step.fromUs);
      if (withinUs <= 0) continue;
      busyUs += withinUs * step.share;
      longestUs = step.longestUs;
    }
    return busyUs + longestUs;
  };
}
