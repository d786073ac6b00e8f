import { SCENARIOS } from '../../../rules/scenarios.js';
import { DdxError } from '../../errors.js';
import { composed } from '../../lab/chaos.js';
import type { Scenario } from '../../lab/scenario.js';
import { distance } from '../arguments.js';

/** All families: of the rules, of the healthy zoo, and composed ones. */
export function allScenarios(): Scenario[] {
  return [...SCENARIOS, composed(SCENARIOS)];
}

/** Families whose ids begin with one of the given texts. Throws DDX_UNKNOWN_RULE for one that none begins with. */
export function scenariosBeginning(prefixes: readonly string[]): Scenario[] {
  const all = allScenarios();
  for (const prefix of prefixes) if (!all.some(({ id }) => id.startsWith(prefix))) throw unknownScenario(prefix);
  return prefixes.length === 0 ? all : all.filter(({ id }) => prefixes.some((prefix) => id.startsWith(prefix)));
}

/** One family by id, "area/name" or "name". Throws DDX_UNKNOWN_RULE with a suggestion. */
export function scenarioNamed(name: string): Scenario {
  const found = allScenarios().filter(({ id }) => id === name || id.split('/')[1] === name);
  if (found.length !== 1) throw unknownScenario(name);
  return found[0]!;
}

function unknownScenario(name: string): DdxError {
  const [near] = allScenarios()
    .map(({ id }) => ({ id, far: Math.min(distance(name, id), distance(name, id.split('/')[1]!)) }))
    .sort((a, b) => a.far - b.far);
  const hint = near && near.far <= Math.max(1, Math.floor(name.length / 3)) ? `Did you mean ${near.id}? ` : '';
  return new DdxError('DDX_UNKNOWN_RULE', `The lab has nothing called "${name}".`, `${hint}ddx lab list shows all.`);
}
