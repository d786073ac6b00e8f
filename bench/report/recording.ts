import { seededRandom } from '../../src/model/random.js';
import { type Documents, type ProfileDocument, STREAMS, type StreamName } from '../../src/model/recording.js';
import { buildRecording } from '../../src/recording/memory.js';
import { RecordingWriter } from '../../src/recording/writer.js';

const RATE_PER_MS = 1;
const ROUTES = 60;
const NODES = 20_000;
const SAMPLE_EVERY_MS = 2;
/** The one that is ill: it computes, and everybody else waits for the thread. */
const REPORT_EVERY_MS = 3_000;
const REPORT_US = 180_000;
/** As the probe sends them. */
const BATCH_ROWS = 4_000;

/**
 * Writes a recording of `requests` requests to `path`, by the writer that ddx records with: a thousand a second to 60 routes of one
 * thread, a query each, and now and then a report that holds the thread.
 */
export function writeLargeRecording(path: string, requests: number): void {
  const random = seededRandom(11);
  const { header, documents } = buildRecording();
  const writer = new RecordingWriter(path, header);
  const pending = new Map<StreamName, number[]>();
  const put = (stream: StreamName, ...row: number[]): void => {
    const rows = pending.get(stream) ?? [];
    pending.set(stream, rows);
    rows.push(...row, ...new Array<number>(STREAMS[stream].length - row.length).fill(-1));
    if (rows.length >= BATCH_ROWS * STREAMS[stream].length) writer.append(stream, Float64Array.from(rows.splice(0)));
  };
  const routes = Array.from({ length: ROUTES }, (_, i) => writer.intern(`GET /api/v1/things-${i}/:id`));
  const report = writer.intern('GET /reports/:year');
  const [query, dest, mainThread, scavenge] = ['db/execute', 'postgres://127.0.0.1:5432/shop select * from things', 'main', 'scavenge'].map(
    (text) => writer.intern(text),
  ) as [number, number, number, number];

  let threadUs = 0;
  let made = 0;
  let doneAt: { id: number; arrivedUs: number; enteredUs: number; route: number; askedUs: number; ownUs: number }[][] = [];
  const turn = (atUs: number, us: number, id: number): number => {
    const startUs = Math.max(threadUs, atUs);
    put('turns', 0, startUs, us, id);
    threadUs = startUs + us;
    return startUs;
  };
  let ms = 0;
  for (; made < requests || doneAt.some((list) => list !== undefined); ms++) {
    const nowUs = ms * 1000;
    for (let i = 0; i < RATE_PER_MS && made < requests; i++) {
      const id = ++made;
      const isReport = ms % REPORT_EVERY_MS === REPORT_EVERY_MS - 1;
      const ownUs = isReport ? REPORT_US : 90 + Math.floor(random() * 160);
      const enteredUs = turn(nowUs, ownUs, id);
      const waitsMs = 1 + Math.floor(-6 * Math.log(1 - random()));
      const at = Math.max(ms + 1, Math.ceil(threadUs / 1000) + waitsMs);
      doneAt[at] ??= [];
      doneAt[at].push({
        id,
        arrivedUs: nowUs,
        enteredUs,
        route: isReport ? report : routes[Math.floor(ROUTES * random() ** 2)]!,
        askedUs: threadUs,
        ownUs,
      });
    }
    for (const one of doneAt[ms] ?? []) {
      const readyUs = Math.max(nowUs, one.askedUs + 200);
      const backUs = turn(readyUs, 60, one.id);
      put('waits', 0, one.id, query, one.id % 40, dest, one.askedUs, backUs, 0, readyUs - 100, readyUs);
      put(
        'requests',
        0,
        one.id,
        one.enteredUs,
        threadUs,
        one.route,
        one.id % 997 === 0 ? 500 : 200,
        1200,
        40_000 + (one.id % 50),
        one.ownUs + 60,
        0,
        one.arrivedUs,
        threadUs,
      );
    }
    delete doneAt[ms];
    if (ms % 1000 === 0) doneAt = Object.assign([], doneAt);
    everySoOften(ms, nowUs, threadUs > nowUs, put, random, { mainThread, scavenge });
  }
  for (const [stream, rows] of pending) writer.append(stream, Float64Array.from(rows));
  writer.setDocuments(documentsOf(documents, ms * 1000));
  writer.close();
}

/** What the probe and the collectors see beside requests. */
function everySoOften(
  ms: number,
  tUs: number,
  busy: boolean,
  put: (stream: StreamName, ...row: number[]) => void,
  random: () => number,
  { mainThread, scavenge }: { mainThread: number; scavenge: number },
): void {
  const heap = 60e6 + 30e6 * ((ms % 2000) / 2000);
  if (ms % SAMPLE_EVERY_MS === 0) put('samples', 0, tUs, busy ? 1 + Math.floor(NODES * random() ** 3) : 0);
  if (ms % 100 === 0) put('poolProbe', 0, tUs, 90 + Math.floor(random() * 80));
  if (ms % 250 === 0) put('loop', 0, tUs, 90_000, 160_000, 1_000, 4_000, busy ? 160_000 : 6_000);
  if (ms % 2000 === 1999) put('gc', 0, tUs, 3_000, scavenge, heap, 60e6);
  if (ms % 500 !== 0) return;
  put('heap', 0, tUs, heap, 120e6, 2e9, 4e6, 1e6, 150e6);
  put('threads', 0, 1000, mainThread, tUs, 180_000, 2_000, 400, 20);
  put('process', 0, tUs, 150e6, -1, 40, 12, 20, 1024, 0);
  put('machine', tUs, 400_000, 1_600_000, 0, 300_000, 10_000, 1);
}

function documentsOf(base: Documents, endUs: number): Documents {
  const file = (i: number) => ({
    file: `src/module-${i % 300}.js`,
    line: 1 + (i % 400),
    function: `handle${i % 5000}`,
    source: 'app' as const,
  });
  const nodes: ProfileDocument['nodes'] = Array.from({ length: NODES + 1 }, (_, i) => ({
    parent: i === 0 ? -1 : Math.floor((i - 1) / 3),
    location: i === 0 ? { file: '', line: 0, function: '(idle)', source: 'native' } : file(i),
    ticks: [],
  }));
  nodes[0]!.location.function = '(root)';
  return {
    ...base,
    session: { ...base.session!, windowStartUs: 0, windowEndUs: endUs },
    sites: Array.from({ length: 40 }, (_, i) => ({ frames: [file(i)] })),
    profiles: [{ nodes, intervalUs: SAMPLE_EVERY_MS * 1000 }],
  };
}
