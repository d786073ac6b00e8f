import { expect, test } from 'vitest';
import { sickReport } from '../../../test/sample-reports.js';
import type { ProfileTree } from '../../model/report.js';
import { type Box, boxAt, layoutFlame, layoutInTime, layoutWall, matchedSamples, samePlace, topFunctions } from './flame-layout.js';

type Source = ProfileTree['nodes'][number]['source'];
const node = (parent: number, fn: string, source: Source, self: number, total: number): ProfileTree['nodes'][number] => ({
  parent,
  function: fn,
  file: source === 'app' ? 'a.js' : '',
  line: 1,
  source,
  self,
  total,
});

/** root -> idle; root -> http -> handle -> {small, big -> native}; a second call of big elsewhere. */
const profile: ProfileTree = {
  intervalUs: 1000,
  totalSamples: 200,
  timeline: { startS: 0, nodes: [], us: [] },
  nodes: [
    node(-1, '(root)', 'native', 0, 200),
    node(0, '(idle)', 'native', 100, 100),
    node(0, 'http', 'node', 10, 90),
    node(2, 'handle', 'dependency', 5, 80),
    node(3, 'small', 'app', 15, 15),
    node(3, 'big', 'app', 20, 40),
    node(5, 'sort', 'native', 20, 20),
    node(3, 'big', 'app', 20, 20),
    node(0, '(garbage collector)', 'native', 10, 10),
  ],
};

const outline = (box: Box): unknown => [box.name, box.x, box.width, box.self, box.children.map(outline)];

test('all frames: idle time is left out, equal calls are one box, the heaviest stands left', () => {
  expect(outline(layoutFlame(profile, 'all frames')!.root)).toEqual([
    '(root)',
    0,
    100,
    0,
    [
      [
        'http',
        0,
        90,
        10,
        [
          [
            'handle',
            0,
            80,
            5,
            [
              ['big', 0, 60, 40, [['sort', 0, 20, 20, []]]],
              ['small', 60, 15, 15, []],
            ],
          ],
        ],
      ],
      ['(garbage collector)', 90, 10, 10, []],
    ],
  ]);
});

test('own code: what others call among themselves is one box, and no time is lost', () => {
  const { root } = layoutFlame(profile, 'own code')!;
  expect(outline(root.children[0]!)).toEqual([
    'http',
    0,
    90,
    15,
    [
      ['big', 0, 60, 40, [['sort', 0, 20, 20, []]]],
      ['small', 60, 15, 15, []],
    ],
  ]);
  expect(topFunctions(root, 99).reduce((sum, { self }) => sum + self, 0)).toBe(root.width);
});

test('a position finds its box, a match is not counted inside a match', () => {
  const { root, rows } = layoutFlame(profile, 'all frames')!;
  expect([boxAt(rows[3], 59)?.name, boxAt(rows[3], 60)?.name, boxAt(rows[3], 75), boxAt(rows[99], 1)]).toEqual([
    'big',
    'small',
    null,
    null,
  ]);
  expect(matchedSamples(root, (box) => box.source === 'app' || box.name === 'sort')).toBe(75);
});

test('functions by own time, over all callers', () => {
  expect(topFunctions(layoutFlame(profile, 'all frames')!.root, 2).map(({ name, self }) => [name, self])).toEqual([
    ['big', 40],
    ['sort', 20],
  ]);
});

test('a box is found again in the next profile, or else its caller', () => {
  const [before, after] = [layoutFlame(profile, 'all frames')!, layoutFlame(profile, 'all frames')!];
  const sort = before.rows[4]![0]!;
  expect([sort.name, samePlace(after, sort) === after.rows[4]![0], samePlace(before, sort) === sort]).toEqual(['sort', true, true]);
  after.rows[3]![0]!.children.length = 0;
  expect(samePlace(after, sort).name).toBe('big');
});

test('in time: calls stand where they ran, those that go on are one box, waiting is a gap', () => {
  const timeline = { startS: 0, nodes: [5, 6, 5, 1, 4, 8], us: [10, 5, 5, 50, 20, 10] };
  const { root, rows } = layoutInTime({ ...profile, timeline }, 'all frames')!;
  expect(rows.map((row) => row.map(({ name, x, width }) => [name, x, width]))).toEqual([
    [['(all)', 0, 100]],
    [
      ['http', 0, 20],
      ['http', 70, 20],
      ['(garbage collector)', 90, 10],
    ],
    [
      ['handle', 0, 20],
      ['handle', 70, 20],
    ],
    [
      ['big', 0, 20],
      ['small', 70, 20],
    ],
    [['sort', 10, 5]],
  ]);
  expect(topFunctions(root, 9).reduce((sum, { self }) => sum + self, 0)).toBe(100);
  const folded = layoutInTime({ ...profile, timeline }, 'own code')!;
  expect(folded.rows.map((row) => row.map(({ name }) => name))).toEqual([
    ['(all)'],
    ['http', 'http', '(garbage collector)'],
    ['big', 'small'],
    ['sort'],
  ]);
  expect(layoutInTime(profile, 'own code')).toBeNull();
});

test('wall time: route, account, place, and the sum is that of the ledgers', () => {
  const report = sickReport();
  const { root, intervalMs } = layoutWall(report)!;
  const { overall: _, ...routes } = report.ledger;
  const wanted = Object.values(routes).reduce((sum, { p99 }) => sum + (p99 ? p99.measuredMs * p99.requests : 0), 0);
  expect(root.width * intervalMs).toBeCloseTo(wanted, 0);
  expect(root.children.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(routes)));
  expect(layoutWall({ ...report, ledger: { overall: {} } })).toBeNull();
});

test('a profile without work has no graph', () => {
  expect(layoutFlame({ intervalUs: 1000, totalSamples: 0, nodes: [], timeline: { startS: 0, nodes: [], us: [] } }, 'own code')).toBeNull();
  expect(
    layoutFlame(
      { ...profile, totalSamples: 5, nodes: [node(-1, '(root)', 'native', 0, 5), node(0, '(idle)', 'native', 5, 5)] },
      'own code',
    ),
  ).toBeNull();
});
