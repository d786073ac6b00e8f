import { showable, showableCode } from './text.js';

/** Text from a recording as running Markdown text: nothing in it is markup, HTML, a mention or an issue number. */
export function prose(text: string): string {
  return showable(text)
    .replace(/[\\`*_{}[\]<>|~]/g, (char) => (char === '<' ? '&lt;' : char === '>' ? '&gt;' : `\\${char}`))
    .replace(/&(?!lt;|gt;)/g, '&amp;')
    .replace(/(^|[^\w`])([@#])(?=\w)/g, (_, before, sign) => `${before}\`${sign}\``)
    .replace(/^(\s*)([#+=-])/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, '$1\\$2');
}

/** Text from a recording as a code span; safe in a table cell too. */
export function codeSpan(text: string): string {
  const shown = showable(text).trim().replaceAll('|', '\\|') || ' ';
  const fence = '`'.repeat(longestRun(shown) + 1);
  const pad = fence.length > 1 ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

const LANGUAGES: Record<string, string> = { ts: 'ts', mts: 'ts', cts: 'ts', tsx: 'tsx', js: 'js', mjs: 'js', cjs: 'js', jsx: 'jsx' };

/** Lines of code in a fence that nothing in them can close. `file` gives the language. */
export function codeBlock(code: string, file = ''): string {
  const lines = code.split('\n').map(showableCode);
  const fence = '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1));
  return [`${fence}${LANGUAGES[file.split('.').pop() ?? ''] ?? ''}`, ...lines, fence].join('\n');
}

export function tableRow(cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
}
