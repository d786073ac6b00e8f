import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discoverScenarios } from '../../src/lab/discover.js';
import { materialise } from '../../src/lab/materialise.js';
import { unmetNeed } from '../../src/lab/needs.js';
import type { Materialised, Scenario } from '../../src/lab/scenario.js';
import { requestOf, serve } from '../../src/lab/serve.js';

const root = resolve(import.meta.dirname, '../..');
const scenarios = [...(await discoverScenarios(resolve(root, 'rules'))).values()];

/** Every cause once, sick; and one member healthy. Seeds differ per family so that all frameworks and languages come up. */
const members = scenarios.flatMap((scenario, i) => {
  const seeds = scenario.causes.map((_, cause) => cause + scenario.causes.length * i);
  const sick = scenario.rule === null ? [] : seeds.map((seed) => ({ scenario, seed, sick: true }));
  const well = (scenario.rule === null ? seeds : seeds.slice(0, 1)).map((seed) => ({ scenario, seed, sick: false }));
  return [...sick, ...well];
});

/** Families whose illness is that some requests never end, or not for long. */
const NEVER_ANSWERED = new Set<string>([
  'concurrency/async-deadlock',
  'network/missing-timeout',
  'database/connection-leak',
  'threads/pool-starvation',
]);
const PATIENCE_MS = 15_000;

describe('the servers of all scenarios start and answer', () => {
  it.concurrent.each(members.map((member) => [nameOf(member), member] as const))('%s', async (_, { scenario, seed, sick }) => {
    const unmet = unmetNeed(scenario.needs);
    if (unmet) return void console.log(`${scenario.id} skipped: ${unmet}`);
    const member = materialise(
      scenario,
      { seed, sick },
      resolve(root, `.scenarios/e2e-answers/${nameOf({ scenario, seed, sick }).replaceAll(/\W+/g, '-')}`),
    );
    const served = await serve(member);
    try {
      const all = await Promise.all(examplesOf(member).map((path) => answerOf(served.url, path)));
      const answers = sick && NEVER_ANSWERED.has(scenario.id) ? all.filter(({ status }) => status > 0) : all;
      // A family may be about failing answers.
      const expected = scenario.id === 'healthy/not-found' ? [200, 404] : [200];
      const failing = answers.filter(({ status }) => !expected.includes(status));
      if (scenario.rule !== 'http/error-responses' || !sick) expect(failing, member.flavour).toEqual([]);
      expect(new Set(answers.map(({ status }) => status)).size, member.flavour).toBeGreaterThanOrEqual(expected.length);
      expect(answers.every(({ status, length }) => status === 404 || length > 1)).toBe(true);
    } finally {
      await served.close();
    }
    rmSync(member.cwd, { recursive: true });
  });
});

/** Status 0: no answer in time. */
async function answerOf(base: string, path: string): Promise<{ path: string; status: number; length: number }> {
  const [url, init] = requestOf(base, path);
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
    return { path, status: response.status, length: (await response.text()).length };
  } catch (error) {
    if ((error as Error).name !== 'TimeoutError') throw error;
    return { path, status: 0, length: 0 };
  }
}

function examplesOf(member: Materialised): string[] {
  return [...new Set(member.load.paths)];
}

function nameOf({ scenario, seed, sick }: { scenario: Scenario; seed: number; sick: boolean }): string {
  return `${scenario.id} #${seed} ${sick ? 'sick' : 'healthy'} ${scenario.causes[seed % scenario.causes.length]}`;
}
