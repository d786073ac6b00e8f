import type { Fact } from '../model/fact.js';
import type { Recording } from '../model/recording.js';
import { ascending, quantile } from './stats.js';
import { window } from './window.js';

/** Answers that were ready and waited for their clients to take them. */
export interface SlowReaders {
  /** The route that lost most of its time to that. */
  route: string;
  /** Its answers in the window, and those that were read slowly. */
  answers: number;
  slow: number;
  /** Of the slow ones: how long until they were ready, and how long their clients then took; medians. */
  readyMs: number;
  readMs: number;
  bytes: number;
  /** Of the time that all of the route's requests took, the share in which the answer only waited to be read, 0..1. */
  share: number;
  /** Bytes of ready answers that the process (or the kernel for it) held on average. */
  heldBytes: number;
}

/** A second screen of patience (RAIL: a response within 100 ms); a local client reads megabytes in less. */
const SLOW_US = 250_000;

export const slowReaders: Fact<SlowReaders> = {
  id: 'slow-readers',
  compute(recording, get) {
    const { startUs, endUs, durationUs } = get(window);
    const routes = new Map<number, Sum>();
    let known = 0;
    const { requests } = recording.streams;
    const streamed = drainUs(recording);
    for (let row = 0; row < requests.rows; row++) {
      const [from, to, answered] = [requests.startUs[row]!, requests.endUs[row]!, requests.answeredUs[row]!];
      if (to < startUs || from > endUs) continue;
      if (answered >= 0) known++;
      // Answers that the kernel took at once have no moment of their own.
      const drained = streamed.get(`${requests.proc[row]} ${requests.id[row]}`) ?? 0;
      const readUs = (answered >= 0 ? to - answered : 0) + drained;
      const sum = routes.get(requests.route[row]!) ?? { wallUs: 0, readUs: 0, heldByteUs: 0, all: 0, slow: [] };
      sum.wallUs += to - from;
      sum.readUs += readUs;
      sum.all++;
      if (answered >= 0) sum.heldByteUs += Math.max(0, requests.bytes[row]!) * (to - answered);
      if (readUs >= SLOW_US) sum.slow.push({ readUs, readyUs: to - from - readUs, bytes: requests.bytes[row]! });
      routes.set(requests.route[row]!, sum);
    }
    // Where it is told at all, answers that are taken at once have no such moment.
    const told = known > 0 || recording.documents.processes.some(({ role, features }) => role === 'target' && features['owners']);
    if (!told || routes.size === 0)
      return { ok: false, because: 'when answers were ready was not recorded', enable: 'record with --depth standard' };
    const [route, most] = [...routes].sort((a, b) => b[1].readUs - a[1].readUs)[0]!;
    const median = (values: number[]) => quantile(ascending(values), 0.5);
    return {
      ok: true,
      value: {
        route: recording.strings[route] ?? '(unknown)',
        answers: most.all,
        slow: most.slow.length,
        readyMs: median(most.slow.map(({ readyUs }) => readyUs)) / 1e3,
        readMs: median(most.slow.map(({ readUs }) => readUs)) / 1e3,
        bytes: median(most.slow.map(({ bytes }) => bytes)),
        share: most.wallUs > 0 ? most.readUs / most.wallUs : 0,
        heldBytes: most.heldByteUs / durationUs,
      },
    };
  },
};

interface Sum {
  wallUs: number;
  readUs: number;
  heldByteUs: number;
  all: number;
  slow: { readUs: number; readyUs: number; bytes: number }[];
}

/** By request: how long its own response was full and its writer waited for it to drain. */
function drainUs(recording: Recording): Map<string, number> {
  const { waits } = recording.streams;
  const drained = new Map<string, number>();
  for (let row = 0; row < waits.rows; row++) {
    if (recording.strings[waits.kind[row]!] !== 'stream' || !/Response/.test(recording.strings[waits.dest[row]!] ?? '')) continue;
    const key = `${waits.proc[row]} ${waits.owner[row]}`;
    drained.set(key, (drained.get(key) ?? 0) + waits.endUs[row]! - waits.startUs[row]!);
  }
  return drained;
}
