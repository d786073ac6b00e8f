import type { Rule } from './rule.js';
import type { RuleId } from './units.js';

/**
 * The rules with their relations filled in from both ends, so that a new rule is one folder: a likeness named by either side holds for
 * both, and who names a rule in `causedBy` is among the `causes` of that rule. Ids that no rule has are left as they are.
 */
export function withRelations(rules: readonly Rule[]): Rule[] {
  return rules.map((rule) => ({
    ...rule,
    mimics: union(
      rule.mimics,
      idsOf(rules, ({ mimics }) => mimics.includes(rule.id)),
    ),
    causes: union(
      rule.causes,
      idsOf(rules, ({ causedBy }) => causedBy?.includes(rule.id) ?? false),
    ),
  }));
}

function idsOf(rules: readonly Rule[], isMeant: (rule: Rule) => boolean): RuleId[] {
  return rules.filter(isMeant).map(({ id }) => id);
}

function union(own: readonly RuleId[], others: readonly RuleId[]): RuleId[] {
  return [...new Set([...own, ...others])];
}
