import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { composed } from './chaos.js';
import { discoverScenarios } from './discover.js';
import { truthsOf } from './judge.js';
import { drawFrom } from './kit/draw.js';
import { materialise } from './materialise.js';

const scenario = composed([...(await discoverScenarios(resolve(import.meta.dirname, '../../rules'))).values()]);
const work = mkdtempSync(join(tmpdir(), 'ddx-chaos-'));
afterAll(() => rmSync(work, { recursive: true }));

it.each(scenario.causes.map((cause, seed) => [cause, seed] as const))('%s: every illness with its own lines, nothing twice', (_, seed) => {
  const sick = materialise(scenario, { seed, sick: true }, join(work, 'sick'));
  const truths = truthsOf(sick.truth);
  expect(truths.length).toBeGreaterThanOrEqual(2);
  for (const { rule, lines } of truths) expect(lines.length > 0 || rule === 'http/error-responses', rule).toBe(true);
  const files = truths.flatMap(({ lines }) => [...new Set(lines.map(({ file }) => file))]);
  expect(new Set(files).size).toBe(files.length);

  const { modules, routes } = scenario.build(drawFrom(scenario.id, seed), true);
  const names = [
    ...modules.map(({ file }) => file),
    ...routes.map(({ path }) => path),
    ...new Set(routes.map(({ handler, module }) => `${handler} ${module}`)),
  ];
  expect(new Set(names).size).toBe(names.length);
  const handlers = new Map(routes.map(({ handler, module }) => [handler, module]));
  expect(routes.filter(({ handler, module }) => handlers.get(handler) !== module)).toEqual([]);

  const well = materialise(scenario, { seed, sick: false }, join(work, 'well'));
  expect(truthsOf(well.truth)).toEqual([]);
  expect(well.load).toEqual(sick.load);
});
