import { describe, expect, it } from 'vitest';
import type { SourceLocation } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { growsSteadily, heapGrowth } from './heap-growth.js';
import { heapTrend } from './heap-trend.js';
import { createReader } from './reader.js';

const MB = 1e6;
const STRINGS = ['scavenge', 'mark-sweep'];

/** One collection each `everyMs`: used(t) bytes survive it; every `full`-th is a full one. */
function collecting(used: (tS: number) => number, garbage: (tS: number) => number = () => 0, full = 8) {
  const rows: number[][] = [];
  for (let i = 0; i < 100; i++) {
    const tS = i / 10;
    const isFull = i % full === full - 1;
    const after = used(tS) + (isFull ? 0 : garbage(tS));
    rows.push([0, tS * 1e6, 1000, isFull ? 1 : 0, after + 4 * MB, after]);
  }
  return createReader(buildRecording({ strings: STRINGS, rows: { gc: rows } }))(heapTrend);
}

describe('heap trend', () => {
  it('sees a steady leak through the garbage on top of it', () => {
    const trend = collecting(
      (tS) => (20 + 5 * tS) * MB,
      (tS) => (tS % 0.8) * 20 * MB,
    );
    expect(trend.growthBytes).toBeGreaterThan(35 * MB);
    expect(trend.lateShare).toBeGreaterThan(0.3);
  });
  it('sees through a saw-tooth over a steady heap', () => {
    const trend = collecting(
      () => 200 * MB,
      (tS) => (tS % 1.6) * 30 * MB,
      16,
    );
    expect(trend.growthBytes).toBeLessThan(1 * MB);
  });
  it('knows nothing where no full collection was seen', () => {
    expect(() =>
      collecting(
        (tS) => (20 + tS) * MB,
        () => 0,
        1000,
      ),
    ).toThrow(/full garbage collections/);
  });
  it('takes no buffers for growth that are gone when the recording ends', () => {
    const externalGrowthMb = (afterwardsMb: number, comesAndGoesMb = 0) => {
      const forced = (tUs: number) => [0, tUs, 1000, 1, 9 * MB, 5 * MB];
      const external = [...Array.from({ length: 20 }, (_, i) => 3 + i + (i % 2) * comesAndGoesMb), afterwardsMb];
      const heap = external.map((mb, i) => [0, i * 500_000 + 100_000, 5 * MB, 8 * MB, mb * MB, 2 * mb * MB, 4000 * MB]);
      const rows = { gc: [forced(0), forced(10_050_000)], heap };
      return createReader(buildRecording({ strings: STRINGS, rows }))(heapTrend).externalGrowthBytes / MB;
    };
    expect(externalGrowthMb(23)).toBeGreaterThan(12);
    expect(externalGrowthMb(3)).toBeLessThan(1);
    expect(externalGrowthMb(23, 5)).toBeGreaterThan(12);
    expect(externalGrowthMb(43, 20)).toBe(0);
  });
  it('sees that a cache which filled stopped growing', () => {
    const trend = collecting((tS) => (20 + Math.min(20, tS * 10)) * MB);
    expect(trend.lateShare).toBeLessThan(0.1);
  });
});

const frame = (file: string, line: number, name: string, source: SourceLocation['source'] = 'app'): SourceLocation => ({
  file,
  line,
  function: name,
  source,
});

describe('heap growth', () => {
  const source = [
    'const sessions = new Map();',
    'function makeSession(id) {',
    '  const parts = [];',
    '  parts.push(id);',
    '  return { id, parts };',
    '}',
    'export function remember(id, res) {',
    '  res.set("x-session", id);',
    '  // sessions.set(id) comes next',
    '  sessions.set(id, makeSession(id));',
    '}',
  ];
  const read = (stacks: { frames: SourceLocation[]; liveBytes: number[] }[]) =>
    createReader(
      buildRecording({
        documents: { heapProfiles: [{ tUs: [0, 9e6], stacks }], sources: [{ file: 'src/session.js', firstLine: 1, lines: source }] },
      }),
    )(heapGrowth);

  it('finds the line that keeps what another function made, past locals, headers and comments', () => {
    const growth = read([
      { frames: [frame('src/session.js', 2, 'makeSession'), frame('src/session.js', 7, 'remember')], liveBytes: [1 * MB, 31 * MB] },
      { frames: [frame('node:internal/x', 1, 'x', 'node')], liveBytes: [0, 10 * MB] },
    ]);
    expect(growth.sites[0]).toMatchObject({
      location: { line: 10, function: 'remember' },
      container: 'sessions',
      bytes: 30 * MB,
      share: 0.75,
    });
    expect(growth.sites[0]!.allocatedIn.function).toBe('makeSession');
  });
  it('knows of a line that removes by age, and when what is left was added', () => {
    const bounded = [
      ...source.slice(0, 10),
      '}',
      'setInterval(() => {',
      '  for (const [id, s] of sessions) if (s.expires < Date.now()) sessions.delete(id);',
      '}, 1000);',
    ];
    const stacks = [
      { frames: [frame('src/session.js', 7, 'remember')], liveBytes: [1 * MB, 9 * MB], addedBytes: [2 * MB, 2 * MB, 3 * MB, 2 * MB] },
    ];
    const documents = { heapProfiles: [{ tUs: [0, 9e6], stacks }], sources: [{ file: 'src/session.js', firstLine: 1, lines: bounded }] };
    const [site] = createReader(buildRecording({ documents }))(heapGrowth).sites;
    expect(site).toMatchObject({ container: 'sessions', bytes: 8 * MB, evictedAt: { line: 13, mostEntries: null } });
    expect(growsSteadily(site!)).toBe(true);
    expect(growsSteadily({ quarters: [6 * MB, 1 * MB, 0, 0] })).toBe(false);
    expect(growsSteadily({ quarters: [0, 0, 3 * MB, 6 * MB] })).toBe(false);
    expect(growsSteadily({ quarters: null })).toBeNull();
  });
  it('reads how many entries a line that removes by size leaves', () => {
    const stacks = [{ frames: [frame('src/cache.js', 3, 'load')], liveBytes: [0, 9 * MB] }];
    const entriesOf = (definition: string, test: string) => {
      const lines = [definition, '', 'function load(id) {', '  cache.set(id, make(id));', `  if (${test}) cache.delete(first());`, '}'];
      const documents = { heapProfiles: [{ tUs: [0, 9e6], stacks }], sources: [{ file: 'src/cache.js', firstLine: 1, lines }] };
      return createReader(buildRecording({ documents }))(heapGrowth).sites[0]!.evictedAt?.mostEntries;
    };
    expect(entriesOf('const MOST = 2 * 1_000;', 'cache.size > MOST')).toBe(2000);
    expect(entriesOf('', 'cache.size >= 500')).toBe(500);
    expect(entriesOf('const config = { most: 50 };', 'cache.size > most')).toBe(50);
    expect(entriesOf("const MOST = Number(process.env.MOST ?? '5');", 'cache.size > MOST')).toBeNull();
    expect(entriesOf('', 'cache.size > limit()')).toBeNull();
    expect(entriesOf('', 'isOld(first())')).toBeUndefined();
  });
  it('finds the line that links what is new to what was there, and takes no parameter, copy or local for it', () => {
    const stacks = [{ frames: [frame('src/history.js', 1, 'change'), frame('src/history.js', 5, 'dispatch')], liveBytes: [0, 9 * MB] }];
    const linkedAt = (header: string, statement: string) => {
      const lines = ['function change(before) {', '  return { ...before };', '}', '', header, `  ${statement}`, '}'];
      const documents = { heapProfiles: [{ tUs: [0, 9e6], stacks }], sources: [{ file: 'src/history.js', firstLine: 1, lines }] };
      const [site] = createReader(buildRecording({ documents }))(heapGrowth).sites;
      return site!.container ? `${site!.container} ${site!.location.line}` : site!.location.line;
    };
    const dispatch = (statement: string) => linkedAt('function dispatch(action) {', statement);
    expect(dispatch('state = { present: change(action), past: state };')).toBe('state 6');
    expect(dispatch('this.#head = new Link(change(action), this.#head);')).toBe('this.#head 6');
    expect(dispatch('all = [...all, change(action)];')).toBe('all 6');
    expect(dispatch('all = all.concat(change(action));')).toBe('all 6');
    expect(linkedAt('const dispatch = (action) => { state = { now: action, past: state };', '')).toBe('state 5');
    expect(dispatch('state = { ...state, last: action };')).toBe(1);
    expect(dispatch('state = { state: change(action), size: state.size };')).toBe(1);
    expect(dispatch('action = [...action, 1];')).toBe(1);
    expect(dispatch('let all = []; all = [...all, change(action)];')).toBe(1);
  });
  it('knows a container that is made with a bound', () => {
    const stacks = [{ frames: [frame('src/cache.js', 5, 'load')], liveBytes: [0, 9 * MB] }];
    const boundOf = (making: string) => {
      const lines = [making, '  ttl: 60_000,', '});', '', 'function load(id) {', '  cache.set(id, make(id));', '}'];
      const documents = { heapProfiles: [{ tUs: [0, 9e6], stacks }], sources: [{ file: 'src/cache.js', firstLine: 1, lines }] };
      return createReader(buildRecording({ documents }))(heapGrowth).sites[0]!.boundAt?.line ?? null;
    };
    expect(boundOf('const cache = new LRUCache({')).toBe(1);
    expect(boundOf('const cache = new NodeCache({ stdTTL: 60 });')).toBe(1);
    expect(boundOf('const cache = new Map();')).toBeNull();
    expect(boundOf('const other = new LRUCache({')).toBeNull();
  });
  it('does not take for new what was only too small to be listed at first', () => {
    const stacks = [{ frames: [frame('src/session.js', 7, 'remember')], liveBytes: [0, 9 * MB], addedBytes: [0, 0, 0, 1 * MB] }];
    const documents = { heapProfiles: [{ tUs: [0, 9e6], stacks }], sources: [] };
    expect(createReader(buildRecording({ documents }))(heapGrowth).totalBytes).toBe(1 * MB);
  });
  it('names the allocating function where nothing in sight keeps it', () => {
    const growth = read([{ frames: [frame('src/other.js', 5, 'build')], liveBytes: [0, 8 * MB] }]);
    expect(growth.sites[0]).toMatchObject({ location: { file: 'src/other.js', line: 5 }, container: null });
  });
});
