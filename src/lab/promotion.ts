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
  /** `undecided`: too few runs to say; a rule stays then what it is. */
  stage: Extract<Stage, 'stable' | 'nursery'> | 'undecided';
  /** What is missing, a phrase each; empty of a stable rule. */
  lacks: string[];
}

/** The stage that a rule's numbers earn. Whatever was not found counts as missed, for whatever reason. */
export function stageOf(score: RuleScore): Promotion {
  const { sickRuns, found, rightLine, linesJudged } = score;
  const { alarms, runs } = alarmsOf(score);
  const tooFew: string[] = [];
  const fails: string[] = [];
  if (sickRuns < BAR.fewSickRuns) tooFew.push(`${sickRuns} sick runs of the ${BAR.fewSickRuns} wanted`);
  else if (sickRuns < BAR.manySickRuns && found < sickRuns) {
    fails.push(`found ${found} of ${sickRuns}; below ${BAR.manySickRuns} runs none may be missed`);
  } else if (found / sickRuns < BAR.recall) fails.push(`found ${found} of ${sickRuns}, less than ${percent(BAR.recall)}`);
  if (linesJudged > 0 && rightLine / linesJudged < BAR.rightLine) {
    fails.push(`the right line in ${rightLine} of ${linesJudged}, less than ${percent(BAR.rightLine)}`);
  }
  if (alarms > 0) fails.push(`${alarms} false alarm${alarms > 1 ? 's' : ''} in ${runs} runs`);
  if (runs < BAR.silentRuns) tooFew.push(`${runs} runs elsewhere of the ${BAR.silentRuns} wanted`);
  const lacks = [...fails, ...tooFew];
  if (lacks.length === 0) return { stage: 'stable', lacks };
  return { stage: tooFew.length > 0 ? 'undecided' : 'nursery', lacks };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
