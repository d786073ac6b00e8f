/** So many different ones are told apart at a time; longer ones are not told apart at all. */
const MAX_KNOWN = 1000;
const MAX_CHARACTERS = 500;
const MAX_VALUES = 8;

let known = new Map<string, number>();
let last = 0;

/**
 * A number for exactly this text, the same one each time: it tells that two calls ask for the same, and nothing of what that is. The text
 * stays here. Numbers are never used again, so that who was forgotten is a new one. -1: not told apart.
 */
export function numberOf(question: string): number {
  if (question.length > MAX_CHARACTERS) return -1;
  const number = known.get(question);
  if (number !== undefined) return number;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(question, ++last);
  return last;
}

/** The same of a statement and its values: `query(text, values)` or `query({ text, values })` as drivers take them. Never throws. */
export function numberOfStatement(statement: string, args: readonly unknown[]): number {
  try {
    const values = Array.isArray(args[1]) ? args[1] : ((args[0] as { values?: unknown }).values ?? []);
    if (!Array.isArray(values) || values.length > MAX_VALUES || !values.every(isPlain)) return -1;
    return numberOf(`${statement}\n${values.map((value) => `${typeof value} ${value}`).join('\n')}`);
  } catch {
    return -1;
  }
}

/** The recording is over. */
export function forgetQuestions(): void {
  known = new Map();
}

function isPlain(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'symbol' && typeof value !== 'function');
}
