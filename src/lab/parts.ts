import type { ScoredRun } from './score-book.js';

export type Part = 'cause' | 'framework' | 'language' | 'noise' | 'node';

export interface PartScore {
  /** "express", or for causes "memory/heap-leak: keyed-cache". */
  value: string;
  found: number;
  sickRuns: number;
  falseAlarms: number;
  healthyRuns: number;
  /** The same over all runs without this value: what would be believed if it had been left out. */
  foundWithout: number;
  sickRunsWithout: number;
}

/**
 * Leave-one-out: each value of a part held against all the others. Rules are not fitted by a program, but they were written by
 * people who looked at these scenarios; a value that does markedly worse than the rest tells what the next unknown one will do.
 */
export function scoreParts(runs: readonly ScoredRun[], part: Part): PartScore[] {
  const judged = runs.filter((run) => run.truth.length <= 1 && run.outcome !== 'failed');
  const sickRuns = judged.filter((run) => run.sick && run.truth.length === 1);
  const groups = new Map<string, ScoredRun[]>();
  for (const run of judged) groups.set(valueIn(run, part), [...(groups.get(valueIn(run, part)) ?? []), run]);
  const all = foundOf(sickRuns);
  return [...groups]
    .map(([value, group]) => {
      const sick = group.filter((run) => sickRuns.includes(run));
      const healthy = group.filter((run) => run.truth.length === 0);
      const found = foundOf(sick);
      return {
        value,
        found,
        sickRuns: sick.length,
        falseAlarms: healthy.filter((run) => run.blamed.length > 0).length,
        healthyRuns: healthy.length,
        foundWithout: all - found,
        sickRunsWithout: sickRuns.length - sick.length,
      };
    })
    .sort((a, b) => (a.value < b.value ? -1 : 1));
}

function foundOf(sick: readonly ScoredRun[]): number {
  return sick.filter((run) => run.found.length > 0).length;
}

function valueIn(run: ScoredRun, part: Part): string {
  if (part === 'node') return run.node.replace(/\..*/, '');
  return part === 'cause' ? `${run.scenario}: ${run.variation.cause}` : run.variation[part];
}
