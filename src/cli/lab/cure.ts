import { diffFolders, type Hunk } from '../../lab/diff.js';
import type { Materialised } from '../../lab/scenario.js';
import type { Paper } from '../../report/terminal/paper.js';
import { clip, padStart } from '../../report/text.js';

/** What heals: the difference of the sources, and of what surrounds the server. */
export function cure(sick: Materialised, healed: Materialised, paper: Paper): string[] {
  const files = diffFolders(sick.cwd, healed.cwd).flatMap(({ file, hunks }) => [
    `    ${paper.tone('strong', paper.clean(file))}`,
    ...hunks.flatMap((hunk, i) => [...(i > 0 ? [`    ${paper.tone('dim', `    ${paper.sign.more}`)}`] : []), ...hunkLines(hunk, paper)]),
    '',
  ]);
  const outside = aroundOf(sick).map((line, i) => [line, aroundOf(healed)[i]!] as const);
  const changes = outside
    .filter(([before, after]) => before !== after)
    .flatMap(([before, after]) => [`      ${paper.tone('bad', `- ${before}`)}`, `      ${paper.tone('good', `+ ${after}`)}`]);
  return [...files, ...(changes.length > 0 ? [`    ${paper.tone('strong', 'around the server')}`, ...changes, ''] : [])];
}

function hunkLines(hunk: Hunk, paper: Paper): string[] {
  return hunk.map(({ sign, line, text }) => {
    const shown = `${padStart(String(line), 4)} ${sign} ${clip(paper.cleanCode(text), paper.width - 13)}`;
    return `    ${paper.tone(sign === '-' ? 'bad' : sign === '+' ? 'good' : 'dim', shown)}`;
  });
}

/** In words: always the same lines in the same order. */
function aroundOf({ quotaCores, settings, companions, command }: Materialised): string[] {
  return [
    `CPU quota: ${quotaCores === null ? 'none' : `${quotaCores} cores`}`,
    `environment: ${
      Object.entries(settings)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ') || 'nothing of its own'
    }`,
    `beside it: ${companions.map(({ name, args = [], count = 1 }) => [`${count} x ${name}`, ...args].join(' ')).join(', ') || 'nothing'}`,
    `started by: ${command.join(' ')}`,
  ];
}
