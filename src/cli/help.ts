import { COMMANDS, type Command, OPTIONS, type Option } from './options.js';
import { kindsOf, OUTPUT_KINDS } from './output-kinds.js';

export function mainHelp(version: string): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return [
    `ddx ${version} - differential diagnosis for backends`,
    '',
    'Usage: ddx <command> [options]',
    '',
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Examples',
    ...COMMANDS.flatMap(({ examples }) => examples.slice(0, 1)).map(([command]) => `  ${command}`),
    '',
    'ddx <command> --help shows its options. Exit codes: 0 nothing found, 1 findings, 2 usage, 3 target failed, 4 inconclusive,',
    '70 bug in ddx, 130 interrupted. Nothing is ever sent anywhere but to the target.',
    '',
  ].join('\n');
}

export function commandHelp(command: Command): string {
  const options: readonly Option[] = OPTIONS.filter((option) => (option.commands as readonly string[]).includes(command.name));
  const left = options.map((option) => `--${option.name}${option.value ? ` ${option.value}` : ''}`);
  const width = Math.max(...left.map((text) => text.length));
  return [
    `${command.usage}`,
    '',
    `${command.summary}.`,
    '',
    'Options',
    ...options.map((option, i) => `  ${left[i]!.padEnd(width)}  ${option.help}`),
    ...(options.some(({ name }) => name === 'output') ? ['', 'Kinds of output', ...kinds(command)] : []),
    '',
    'Examples',
    ...command.examples.flatMap(([example, what]) => (what ? [`  ${example}`, `      ${what}`] : [`  ${example}`])),
    '',
  ].join('\n');
}

function kinds(command: Command): string[] {
  const shown = kindsOf(command.name);
  const width = Math.max(...shown.map((kind) => kind.length));
  return shown.map((kind) => `  ${kind.padEnd(width)}  ${OUTPUT_KINDS[kind]}`);
}
