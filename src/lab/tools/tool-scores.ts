import type { ToolRun } from '../score-book.js';

export interface ToolScore {
  /** A family, or "healthy" for all servers with nothing wrong. */
  scenario: string;
  sickRuns: number;
  right: number;
  wrong: number;
  silent: number;
  healthyRuns: number;
  falseAlarms: number;
  failed: number;
}

/** One row per family; healed members count as healthy there, the zoo has a row of its own. */
export function toolScores(runs: readonly ToolRun[]): ToolScore[] {
  const rowOf = ({ scenario }: ToolRun) => (scenario.startsWith('healthy/') ? 'healthy' : scenario);
  return [...new Set(runs.map(rowOf))].sort().map((scenario) => {
    const mine = runs.filter((run) => rowOf(run) === scenario && run.outcome !== 'failed');
    const sick = mine.filter(({ truth }) => truth.length > 0);
    const count = (list: readonly ToolRun[], outcome: ToolRun['outcome']) => list.filter((run) => run.outcome === outcome).length;
    return {
      scenario,
      sickRuns: sick.length,
      right: count(sick, 'right'),
      wrong: count(sick, 'wrong'),
      silent: count(sick, 'silent'),
      healthyRuns: mine.length - sick.length,
      falseAlarms: count(mine, 'false-alarm'),
      failed: runs.filter((run) => rowOf(run) === scenario && run.outcome === 'failed').length,
    };
  });
}
