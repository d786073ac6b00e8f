import type { Stage } from '../model/rule.js';
import { alarmsOf, type RuleScore } from './score.js';

/** What a rule must reach to count in the verdict. */
export const BAR = {
  /** Few sick runs: none may have been missed. */
  fewSickRuns: 8,
  /** Many: this share must have been found. */
  manySickRuns: 20,
  recall: 0.95,
  rightLine: 0.9,
  /** Runs in which it had to be silent, and was in all. */
  silentRuns: 100,
} as const;

export interface Promotion {
  stage: Stage;
  /** What is missing, a phrase each; empty of a stable rule. */
  lacks: string[];
}

/** The stage that a rule's numbers earn. Whatever was not found counts as missed, for whatever reason. */
export function stageOf(score: RuleScore): Promotion {
  const { sickRuns, found, rightLine, linesJudged } = score;
  const { alarms, runs } = alarmsOf(score);
  const lacks: string[] = [];
  if (sickRuns < BAR.fewSickRuns) lacks.push(`${sickRuns} sick runs of the ${BAR.fewSickRuns} wanted`);
  else if (sickRuns < BAR.manySickRuns && found < sickRuns) {
    lacks.push(`found ${found} of ${sickRuns}; below ${BAR.manySickRuns} runs none may be missed`);
  } else if (found / sickRuns < BAR.recall) lacks.push(`found ${found} of ${sickRuns}, less than ${percent(BAR.recall)}`);
  if (linesJudged > 0 && rightLine / linesJudged < BAR.rightLine) {
    lacks.push(`the right line in ${rightLine} of ${linesJudged}, less than ${percent(BAR.rightLine)}`);
  }
  if (alarms > 0) lacks.push(`${alarms} false alarm${alarms > 1 ? 's' : ''} in ${runs} runs`);
  if (runs < BAR.silentRuns) lacks.push(`${runs} runs elsewhere of the ${BAR.silentRuns} wanted`);
  return { stage: lacks.length === 0 ? 'stable' : 'nursery', lacks };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
