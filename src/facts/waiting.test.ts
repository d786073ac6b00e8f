import { describe, expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { downstreams } from './downstream.js';
import { explainedBy, ledgers } from './ledgers.js';
import { poolQueue } from './pool-queue.js';
import { createReader, MissingFact, optional } from './reader.js';
import { threadPressure } from './threads.js';
import { throttling } from './throttling.js';

const STRINGS = ['http', 'http://tax', 'pool/crypto', 'pbkdf2', 'main', 'worker', 'GET /a'];
const site = {
  frames: [
    { file: 'node:net', line: 1, function: 'connect', source: 'node' as const },
    { file: 'src/tax.js', line: 14, function: 'taxFor', source: 'app' as const },
  ],
};

describe('facts of waiting', () => {
  it('measures destinations and names the call site', () => {
    const waits = Array.from({ length: 10 }, (_, i) => [0, 1, 0, 0, 1, i * 1e5, i * 1e5 + (i + 1) * 1e4, 0]);
    const [tax] = createReader(buildRecording({ strings: STRINGS, rows: { waits }, documents: { sites: [site] } }))(downstreams);
    expect(tax).toMatchObject({ dest: 'http://tax', calls: 10, p50Ms: 50, p90Ms: 90, location: { file: 'src/tax.js', line: 14 } });
  });

  it('tells the slow question from quick ones that the same line asks, and who asks it', () => {
    const client = { file: 'src/client.js', line: 4, function: 'get', source: 'app' as const };
    const caller = (line: number) => ({ file: 'src/pay.js', line, function: 'pay', source: 'app' as const });
    const sites = [{ frames: [client, caller(8)] }, { frames: [client, caller(9)] }];
    const strings = ['http', 'http://tax', 'GET /name', 'GET /score'];
    const row = (i: number, shape: number, site: number, us: number) => [0, i, 0, site, 1, i * 1e5, i * 1e5 + us, 0, -1, -1, -1, -1, shape];
    const waits = Array.from({ length: 10 }, (_, i) => [row(i + 1, 2, 0, 3e3), row(i + 1, 3, 1, 9e4)]).flat();
    const [tax] = createReader(buildRecording({ strings, rows: { waits }, documents: { sites } }))(downstreams);
    expect(tax).toMatchObject({ calls: 20, slowest: { question: 'GET /score', calls: 10, p10Ms: 90 }, location: { line: 9 } });
  });

  it('names who calls a library that calls out by itself later', () => {
    const dependency = { file: '/app/node_modules/got/index.js', line: 9, function: 'start', source: 'dependency' as const };
    const app = { file: 'src/fx.js', line: 2, function: 'rate', source: 'app' as const };
    const nodes = [app, { ...dependency, function: 'got.<computed>' }].map((location, i) => ({ parent: i - 1, location, ticks: [] }));
    const documents = {
      sites: [{ frames: [dependency] }],
      profiles: [{ intervalUs: 1000, nodes }],
      sources: [
        {
          file: 'src/fx.js',
          firstLine: 1,
          lines: ['', 'async rate(id) {', '  const { body } = await got(url(id));', '  return body;', '}'],
        },
      ],
    };
    const waits = Array.from({ length: 10 }, (_, i) => [0, 1, 0, 0, 1, i * 1e5, i * 1e5 + 1e4, 0]);
    const [fx] = createReader(buildRecording({ strings: STRINGS, rows: { waits }, documents }))(downstreams);
    expect(fx!.location).toMatchObject({ file: 'src/fx.js', line: 3, function: 'rate' });
  });

  it('finds what fills the pool from tasks handed in faster than four threads work', () => {
    // One task of 100 ms of work each 10 ms: the queue grows without end.
    const waits = Array.from({ length: 100 }, (_, i) => [0, 1, 2, 0, 3, i * 1e4, Math.floor(i / 4) * 1e5 + 1e5 + (i % 4) * 1e4, 0]);
    const poolProbe = Array.from({ length: 10 }, (_, i) => [0, i * 1e6 + 5e5, 4e5]);
    const pool = createReader(buildRecording({ strings: STRINGS, rows: { waits, poolProbe }, documents: { sites: [site] } }))(poolQueue);
    expect(pool).toMatchObject({ threads: 4, tasks: 100, probeP50Ms: 400 });
    expect(pool.users[0]).toMatchObject({ dest: 'pbkdf2', shareOfWork: 1 });
    expect(pool.users[0]!.medianWorkMs).toBeGreaterThan(90);
    expect(pool.users[0]!.medianWorkMs).toBeLessThan(110);
  });

  it('adds up what threads wanted and got', () => {
    const threads = Array.from({ length: 10 }, (_, i) => [
      [0, 1, 4, (i + 1) * 1e6, 2e5, 3e5, 0, 10],
      [0, 2, 5, (i + 1) * 1e6, 5e5, 5e5, 0, 10],
      [0, 3, 5, (i + 1) * 1e6, 1, 0, 0, 0],
    ]).flat();
    const machine = Array.from({ length: 10 }, (_, i) => [(i + 1) * 1e6, 19e5, 1e5, 0, 7e5, 2e5, 5]);
    const pressure = createReader(buildRecording({ strings: STRINGS, rows: { threads, machine } }))(threadPressure);
    expect(pressure).toMatchObject({ cores: 4, mainWaitShare: 0.6, neighbourCores: 1, involuntarySwitchesPerS: 20 });
    expect(pressure.cpuCores).toBeCloseTo(0.7, 3);
    expect(pressure.waitingCores).toBeCloseTo(0.8, 3);
    expect(pressure.byKind[0]).toMatchObject({ kind: 'worker', threads: 1 });
  });

  it('counts the processes that the target started by themselves, however short they live', () => {
    const child = { pid: 2, ppid: 1, role: 'child' as const, runtime: 'node', versions: {}, title: '', features: {} };
    const processes = [{ ...child, pid: 1, ppid: 0, role: 'target' as const }, child, { ...child, pid: 3 }, { ...child, pid: 4 }];
    // Three at a time, each for one second, always new ones.
    const threads = Array.from({ length: 10 }, (_, i) =>
      [1, 2, 3].map((proc) => [proc, 100 + 3 * i + proc, 4, (i + 1) * 1e6, 3e5, 6e5, 0, 5]),
    ).flat();
    const pressure = createReader(buildRecording({ strings: STRINGS, rows: { threads }, documents: { processes } }))(threadPressure);
    expect(pressure.byKind[0]).toMatchObject({ kind: 'child', threads: 3 });
    expect(pressure.byKind[0]!.activeDemandCores).toBeCloseTo(2.7, 3);
    expect(pressure.mainWaitShare).toBe(0);
  });

  it('says what is missing and how to get it', () => {
    const get = createReader(buildRecording());
    expect(() => get(threadPressure)).toThrow(MissingFact);
    expect(() => get(throttling)).toThrow(/cgroup/);
    expect(optional(get, downstreams)).toBeNull();
  });

  it('weighs accounts per route in the bucket where they weigh most', () => {
    const requests = Array.from({ length: 100 }, (_, i) => [
      0,
      i + 1,
      i * 1e5,
      i * 1e5 + (i >= 95 ? 50_000 : 1000),
      6,
      200,
      1,
      4000 + i,
      0,
      0,
      -1,
      i * 1e5 + 500,
    ]);
    const turns = requests.map((row) => [0, row[2]!, 500, row[1]!]);
    const [worst] = explainedBy(
      createReader(buildRecording({ strings: STRINGS, rows: { requests, turns } }))(ledgers),
      (entry) => entry.account === 'response',
    );
    expect(worst).toMatchObject({ route: 'GET /a', bucket: 'p99', ms: 49.5 });
  });
});
