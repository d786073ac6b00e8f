import type { Present, Rule } from '../model/rule.js';

export interface Related {
  rule: Rule;
  found: Present;
  role: 'root-cause' | 'consequence' | 'contributing';
  /** Index in the returned list of the finding it follows from. */
  causedBy?: number;
}

/** A cause that explains less than this of its symptom, beside a bigger one, is mentioned as contributing. */
const CONTRIBUTING_BELOW = 0.15;

/**
 * Puts causes above their consequences. A finding follows from another if that rule says so (`causes`); chains hang under their first
 * cause. Root causes come in the order of what they explain.
 */
export function relate(present: readonly { rule: Rule; found: Present }[]): Related[] {
  const weight = ({ found }: { found: Present }): number => found.explainedShare * found.confidence;
  const byWeight = [...present].sort((a, b) => weight(b) - weight(a) || (a.rule.id < b.rule.id ? -1 : 1));
  // Two that may each follow from the other (long computing and collecting garbage): the one that explains more is the cause.
  const follows = (index: number, cause: number): boolean =>
    byWeight[cause]!.rule.causes.includes(byWeight[index]!.rule.id) &&
    (!byWeight[index]!.rule.causes.includes(byWeight[cause]!.rule.id) || cause < index);
  const causeOf = (index: number): number => byWeight.findIndex((_, cause) => cause !== index && follows(index, cause));
  const roots = byWeight.map((_, i) => i).filter((i) => causeOf(i) < 0);
  const ordered: number[] = [];
  const place = (index: number): void => {
    ordered.push(index);
    byWeight.forEach((_, i) => {
      if (!ordered.includes(i) && causeOf(i) === index) place(i);
    });
  };
  for (const root of roots) place(root);
  byWeight.forEach((_, i) => {
    if (!ordered.includes(i)) ordered.push(i);
  });
  const strongest = roots.length > 0 ? weight(byWeight[roots[0]!]!) : 0;
  return ordered.map((index) => {
    const entry = byWeight[index]!;
    const cause = causeOf(index);
    if (cause >= 0) return { ...entry, role: 'consequence', causedBy: ordered.indexOf(cause) };
    const minor = index !== roots[0] && entry.found.explainedShare < CONTRIBUTING_BELOW && weight(entry) < strongest;
    return { ...entry, role: minor ? 'contributing' : 'root-cause' };
  });
}
