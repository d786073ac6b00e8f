import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discoverScenarios } from '../../src/lab/discover.js';
import { unmetNeed } from '../../src/lab/needs.js';
import { type RunResult, runScenario } from '../../src/lab/run.js';
import type { Scenario } from '../../src/lab/scenario.js';

const root = resolve(import.meta.dirname, '../..');
const cli = resolve(root, 'dist/cli.js');
const scenarios = await discoverScenarios(resolve(root, 'rules'));

/** The seed of the sick run; its healthy twin and the zoo take other ones, so that the file sees many frameworks in few minutes. */
const SEEDS: Record<string, number> = {
  'runtime/event-loop-blocked': 4,
  'memory/heap-leak': 22,
  'memory/gc-pressure': 5,
  'threads/oversubscription': 12,
  'threads/pool-starvation': 15,
  'network/slow-downstream': 9,
  'cpu/quota-throttled': 6,
  'runtime/microtask-starvation': 204,
  'concurrency/lock-convoy': 204,
  'concurrency/async-deadlock': 204,
  'database/n-plus-one': 204,
  'database/connection-pool-too-small': 203,
  'network/missing-timeout': 203,
  'http/no-keepalive': 204,
  'memory/buffer-leak': 202,
  'memory/fd-leak': 202,
  'memory/listener-leak': 203,
  'memory/timer-leak': 204,
  'threads/spawn-per-request': 203,
};
/** Members of these run here; all of them, with many seeds, under `npm run score`. */
const TWINS = ['runtime/event-loop-blocked', 'memory/heap-leak', 'network/slow-downstream'];
const ZOO: Scenario['id'][] = ['healthy/busy-loop', 'healthy/steady-heap', 'healthy/worker-pool', 'healthy/slow-by-design'];
const SECONDS = 6;
/** A run that ddx itself calls inconclusive (a machine too noisy to tell) may be repeated; one that is wrong never. */
const ATTEMPTS = 3;

const sick = [...scenarios.values()].filter(({ id }) => id in SEEDS);
const twins = sick.filter(({ id }) => TWINS.includes(id));
const zoo = ZOO.map((id) => scenarios.get(id)!);

describe.skipIf(!existsSync(cli))('verdicts on servers drawn by seed', () => {
  it.for(sick.map((scenario) => [scenario.id, scenario] as const))(
    '%s is named, with its line',
    { timeout: 150_000 },
    async ([, scenario], context) => {
      const result = await judged(scenario, SEEDS[scenario.id] ?? 1, true, (because) => context.skip(because));
      expect(result.outcome, summaryOf(result)).toBe('right');
      expect(result.rightLine, `${result.said} in ${result.dir}`).not.toBe(false);
    },
  );

  it.for(twins.map((scenario) => [scenario.id, scenario] as const))(
    'the healthy twin of %s is left alone',
    { timeout: 150_000 },
    async ([, scenario], context) => {
      const result = await judged(scenario, (SEEDS[scenario.id] ?? 1) + 1, false, (because) => context.skip(because));
      expect(result.outcome, summaryOf(result)).toBe('silent');
    },
  );

  it.for(zoo.map((scenario) => [scenario.id, scenario] as const))(
    '%s is left alone',
    { timeout: 150_000 },
    async ([, scenario], context) => {
      const result = await judged(scenario, 1, false, (because) => context.skip(because));
      expect(result.outcome, summaryOf(result)).toBe('silent');
    },
  );
});

async function judged(scenario: Scenario, seed: number, sick: boolean, skip: (because: string) => void): Promise<RunResult> {
  const unmet = unmetNeed(scenario.needs);
  if (unmet) skip(unmet);
  const workDir = resolve(root, '.scenarios/e2e');
  for (let attempt = 1; ; attempt++) {
    const result = await runScenario(scenario, { seed, sick, cli, workDir, seconds: SECONDS });
    if (result.outcome !== 'inconclusive' || attempt === ATTEMPTS) return result;
  }
}

/** What a failing test should show. */
function summaryOf({ outcome, blamed, failure, member, dir, report }: RunResult): string {
  const findings = report?.findings.map(({ rule, role, summary }) => `${rule} (${role}): ${summary}`);
  const said = { outcome, blamed, failure, findings, flavour: member.flavour, truth: member.truth.lines.slice(0, 3), dir };
  return JSON.stringify(said, null, 2);
}
