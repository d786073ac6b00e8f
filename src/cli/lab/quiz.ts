import { createInterface } from 'node:readline/promises';
import { RULES } from '../../../rules/index.js';
import { drawFrom } from '../../lab/kit/draw.js';
import type { Rule } from '../../model/rule.js';
import type { RuleId } from '../../model/units.js';
import type { Paper } from '../../report/terminal/paper.js';
import { EXIT } from '../exit-codes.js';

export interface Choice {
  /** null: nothing is wrong. */
  rule: RuleId | null;
  title: string;
}

const MOST_ILLNESSES = 5;

/** The truth, what it is confused with, and that nothing is wrong; in an order that only the seed knows. */
export function choicesFor(truth: RuleId | null, seed: number): Choice[] {
  const draw = drawFrom(`quiz ${truth}`, seed);
  const known = RULES.find(({ id }) => id === truth);
  const alike = draw.shuffle(RULES.filter(({ id }) => known?.mimics.includes(id)));
  const others = draw.shuffle(RULES.filter((rule) => rule !== known && !alike.includes(rule)));
  const wrong = [...alike, ...others].slice(0, MOST_ILLNESSES - (known ? 1 : 0));
  const shown = draw.shuffle<Rule>([...(known ? [known] : []), ...wrong]);
  return [...shown.map(({ id, title }) => ({ rule: id, title })), { rule: null, title: 'Nothing: it is well' }];
}

/** Asks until a number of the list is given; null for Enter and for the end of the input. Ctrl-C ends ddx. */
export async function ask(choices: readonly Choice[], paper: Paper): Promise<Choice | null> {
  const lines = choices.map(({ title }, i) => `    ${paper.tone('code', String(i + 1))}  ${title}`);
  process.stdout.write(`\n  ${paper.tone('strong', 'What is it?')}\n\n${lines.join('\n')}\n\n`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  terminal.on('SIGINT', () => process.exit(EXIT.interrupted));
  const closed = new Promise<null>((resolve) => terminal.once('close', () => resolve(null)));
  try {
    for (;;) {
      const question = terminal.question(`  Your guess, 1 to ${choices.length}, or Enter to be told: `);
      const text = await Promise.race([question, closed]);
      if (text === null || text.trim() === '') return null;
      const choice = choices[Number(text) - 1];
      if (choice) return choice;
    }
  } finally {
    terminal.close();
  }
}
