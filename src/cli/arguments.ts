import { DdxError } from '../errors.js';
import { COMMANDS, type Command, OPTIONS, type Option } from './options.js';

type OptionName = (typeof OPTIONS)[number]['name'];

export interface Arguments {
  command: Command;
  /** Words that are no options: a file, a rule. */
  words: string[];
  /** Everything behind "--". */
  rest: string[];
  /** The parsed value, undefined where the option was not given. */
  get<T>(name: OptionName): T | undefined;
  /** Values of an option that may be repeated. */
  all<T>(name: OptionName): T[];
  given(name: OptionName): boolean;
}

/** Understands a command line by the table in options.ts. Throws DDX_USAGE with a suggestion for what it does not know. */
export function parseArguments(argv: readonly string[]): Arguments {
  const [name = '', ...tail] = argv;
  const command = COMMANDS.find((known) => known.name === name);
  if (!command)
    throw unknown(
      `There is no command "${name}".`,
      name,
      COMMANDS.map((known) => known.name),
      'ddx --help lists them.',
    );
  const known: readonly Option[] = OPTIONS.filter((option) => (option.commands as readonly string[]).includes(command.name));
  const values = new Map<string, unknown[]>();
  const words: string[] = [];
  let rest: string[] = [];
  for (let i = 0; i < tail.length; i++) {
    const word = tail[i]!;
    if (word === '--') {
      rest = tail.slice(i + 1);
      break;
    }
    if (word === '-h') values.set('help', [true]);
    else if (word.startsWith('-') && word !== '-') i += takeOption(command, known, word, tail[i + 1], values);
    else words.push(word);
  }
  return {
    command,
    words,
    rest,
    get: <T>(option: OptionName) => values.get(option)?.at(-1) as T | undefined,
    all: <T>(option: OptionName) => (values.get(option) ?? []) as T[],
    given: (option) => values.has(option),
  };
}

/** Returns how many further words it used. */
function takeOption(
  command: Command,
  known: readonly Option[],
  word: string,
  next: string | undefined,
  values: Map<string, unknown[]>,
): number {
  const [name, inline] = word.replace(/^--?/, '').split(/=(.*)/s) as [string, string | undefined];
  const option = known.find((candidate) => candidate.name === name);
  if (!option || !word.startsWith('--')) {
    throw unknown(
      `${command.name} has no option ${word.split('=')[0]}.`,
      name,
      known.map((candidate) => candidate.name),
      `ddx ${command.name} --help lists them.`,
      '--',
    );
  }
  if (!option.value) {
    if (inline !== undefined) throw new DdxError('DDX_USAGE', `--${name} takes no value, but got "${inline}".`, `Write just --${name}.`);
    values.set(name, [true]);
    return 0;
  }
  const text = inline ?? next;
  if (text === undefined || (inline === undefined && (text === '--' || (text.startsWith('--') && text.length > 2)))) {
    throw new DdxError('DDX_USAGE', `--${name} needs a value.`, `--${name} ${option.value}: ${option.help}.`);
  }
  if (values.has(name) && !option.repeat) throw new DdxError('DDX_USAGE', `--${name} was given twice.`, 'Give it once.');
  values.set(name, [...(values.get(name) ?? []), option.parse ? option.parse(text, name) : text]);
  return inline === undefined ? 1 : 0;
}

function unknown(message: string, got: string, known: readonly string[], otherwise: string, prefix = ''): DdxError {
  const [nearest] = known.map((name) => ({ name, far: distance(got, name) })).sort((a, b) => a.far - b.far);
  const close = nearest && nearest.far <= Math.max(1, Math.floor(nearest.name.length / 3));
  return new DdxError('DDX_USAGE', message, close ? `Did you mean ${prefix}${nearest.name}? ${otherwise}` : otherwise);
}

/** Edits between two words: a letter more, less or other, or two neighbours swapped. Only ever given short words. */
export function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const other = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, other, swapped));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
