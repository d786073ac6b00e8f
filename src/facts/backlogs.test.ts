import { describe, expect, it } from 'vitest';
import type { SiteDocument, SourceLocation } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { backlogs } from './backlogs.js';
import { createReader } from './reader.js';

const [ROUTE, PROMISE, HANDOVER, HTTP, PRINTER] = [0, 1, 2, 3, 4];
const STRINGS = ['POST /label', 'promise', 'handover', 'http', 'http://printer'];
const at = (file: string, line: number, name: string): SourceLocation => ({ file, line, function: name, source: 'app' });
const SITES: SiteDocument[] = [
  { frames: [at('src/labels.js', 4, 'makeLabel')] },
  { frames: [at('src/print.js', 2, 'print'), at('src/queue.js', 17, 'worker')] },
];

interface Queue {
  /** From one job done to the next. */
  jobMs: number;
  kind?: number;
  by?: (i: number) => number;
  asks?: boolean;
  /** Of two, the second is done so much after the first. */
  togetherUs?: number;
}

/** A request every 25 ms for 10 s; a worker does their jobs one by one. */
function seen({ jobMs, kind = PROMISE, by = () => 0, asks = true, togetherUs }: Queue) {
  const requests: number[][] = [];
  const waits: number[][] = [];
  let freeUs = 0;
  for (let i = 0; i < 400; i++) {
    const startUs = i * 25_000;
    const beginsUs = Math.max(startUs + 200, freeUs);
    freeUs = togetherUs && i % 2 ? freeUs + togetherUs : beginsUs + jobMs * 1000;
    if (freeUs > 9_990_000) break;
    requests.push([0, i + 1, startUs, freeUs + 300, ROUTE, 200, 10, 4000 + i, 300, 0]);
    waits.push([0, i + 1, kind, 0, -1, startUs + 200, freeUs + 100, 0, -1, -1, by(i)]);
    if (asks) waits.push([0, 0, HTTP, 1, PRINTER, beginsUs, freeUs, 0]);
  }
  const recording = buildRecording({ strings: STRINGS, rows: { requests, waits }, documents: { sites: SITES } });
  return createReader(recording)(backlogs);
}

describe('backlogs', () => {
  it('sees waits grow, who works them off, and where they wait', () => {
    const [found] = seen({ jobMs: 40 });
    expect(found).toMatchObject({ route: 'POST /label', inOrderShare: 1, worked: { dest: 'http://printer', ms: 40 } });
    expect(found!.consumer).toMatchObject({ file: 'src/queue.js', line: 17 });
    expect(found!.enqueuedAt).toMatchObject({ file: 'src/labels.js', line: 4 });
    // 40 come per second and 25 are done: at the end of ten seconds 37.5 % of them.
    const [first, , , last] = found!.quartersMs;
    expect(first).toBeGreaterThan(300);
    expect(last).toBeGreaterThan(3000);
    expect(found!.donePerS).toBeCloseTo(25, 0);
  });

  it('sees that a queue keeps up', () => {
    const [found] = seen({ jobMs: 20 });
    expect(found!.quartersMs.at(-1)).toBeLessThan(25);
    expect(found!.donePerS).toBeCloseTo(40, 0);
  });

  it('tells the work of one request that goes on for others', () => {
    expect(seen({ jobMs: 40, kind: HANDOVER, by: () => 1 })).toHaveLength(1);
  });

  it('tells those that are let go together from a chain of requests', () => {
    // By nobody, and every second one by the one before, a moment later.
    const pairs = seen({ jobMs: 40, by: (i) => (i % 2 ? i : 0), togetherUs: 100 });
    expect(pairs).toHaveLength(1);
    expect(seen({ jobMs: 40, by: (i) => (i % 2 ? i : 0) })).toEqual([]);
  });

  it('is none where requests let each other in, or where nobody knows who settled it', () => {
    expect(seen({ jobMs: 40, kind: HANDOVER, by: (i) => i })).toEqual([]);
    expect(seen({ jobMs: 40, by: () => -1 })).toEqual([]);
  });

  it('does not take calls for the work with which jobs do not end', () => {
    expect(seen({ jobMs: 40, asks: false })[0]).toMatchObject({ worked: null, consumer: null });
  });
});
