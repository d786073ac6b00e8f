import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BIN, ddx, FIXTURES, reportOf } from './kit/ddx.js';

const LOAD = ['run', '--json', '--rate', '40', '--for', '2s', '--warmup', '300ms', '--'];

it.each([
  ['an ES module', ['node', 'server.mjs'], {}],
  ['an npm script', ['npm', 'start', '--silent'], { cwd: join(FIXTURES, 'npm') }],
  ['a shell script', ['sh', '-c', 'node server.cjs; echo done'], {}],
  [
    'a program with NODE_OPTIONS of its own',
    ['node', 'server.cjs'],
    { env: { NODE_OPTIONS: '--max-old-space-size=200 --title="my server"' } },
  ],
])('looks into %s', async (_, command, surroundings) => {
  const finished = await ddx([...LOAD, ...command], surroundings);
  const report = reportOf(finished);
  expect(report.requests.count).toBeGreaterThan(40);
  expect(report.requests.errors).toBe(0);
  expect(report.target.runtime).toBe('node');
  expect(report.profile?.totalSamples).toBeGreaterThan(0);
  expect(report.warnings.filter((warning) => /probe/.test(warning))).toEqual([]);
});

it('looks into every worker of a cluster', async () => {
  const report = reportOf(await ddx([...LOAD, 'node', 'cluster.cjs'], { env: { PORT: '0' } }));
  expect(report.requests.count).toBeGreaterThan(40);
  expect(report.target.processes).toBeGreaterThanOrEqual(3);
});

it('names lines of TypeScript that tsx runs', async () => {
  const report = reportOf(
    await ddx(['run', '--json', '--rate', '30', '--for', '4s', '--warmup', '500ms', '--', join(BIN, 'tsx'), 'server.ts']),
  );
  const heaviest = report.profile?.nodes.filter(({ source }) => source === 'app').sort((a, b) => b.self - a.self)[0];
  expect(heaviest).toMatchObject({ function: 'spinTheWheel', file: 'server.ts' });
  expect(heaviest?.line).toBeGreaterThanOrEqual(8);
  expect(heaviest?.line).toBeLessThanOrEqual(11);
});

it('says what it could not examine where there is no /proc', async () => {
  const finished = await ddx([...LOAD, 'node', 'server.cjs'], { env: { DDX_NO_PROC: '1' } });
  const report = reportOf(finished);
  expect(report.requests.count).toBeGreaterThan(40);
  const blind = report.notExamined.map(({ rule }) => rule);
  expect(blind).toEqual(expect.arrayContaining(['threads/oversubscription', 'cpu/noisy-neighbour', 'cpu/quota-throttled']));
  expect(report.warnings.join('\n')).toMatch(/threads was not recorded: DDX_NO_PROC/);
});
