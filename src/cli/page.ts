import { styleText } from 'node:util';

/** Markdown of an explanation for a terminal: headings stand out, prose is wrapped, code stays as it is. */
export function renderPage(markdown: string, { width, color }: { width: number; color: boolean }): string {
  const bold = (text: string): string => (color ? styleText('bold', text, { validateStream: false }) : text);
  const dim = (text: string): string => (color ? styleText('cyan', text, { validateStream: false }) : text);
  const limit = Math.min(100, Math.max(40, width - 4));
  const out: string[] = [];
  let paragraph: string[] = [];
  let code = false;
  const flush = (): void => {
    if (paragraph.length > 0) out.push(...wrapped(plain(paragraph.join(' ')), limit));
    paragraph = [];
  };
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) {
      flush();
      code = !code;
      out.push('');
    } else if (code) out.push(`    ${dim(line)}`);
    else if (/^#+ /.test(line)) {
      flush();
      out.push('', `  ${bold(line.replace(/^#+ /, ''))}`, '');
    } else if (/^\s*([-*]|\d+\.) /.test(line) || line.startsWith('|')) {
      flush();
      paragraph = [line.trim()];
    } else if (line.trim() === '') {
      flush();
      if (out.at(-1) !== '') out.push('');
    } else paragraph.push(line.trim());
  }
  flush();
  return `${out.join('\n').replace(/\n{3,}/g, '\n\n')}\n`;
}

function plain(text: string): string {
  return text
    .replace(/\[([^\]]+)\]\(([^)]+)\)/g, '$1 ($2)')
    .replace(/\*\*([^*]+)\*\*/g, '$1')
    .replace(/`([^`]+)`/g, '$1');
}

function wrapped(text: string, width: number): string[] {
  const indent = /^([-*]|\d+\.) /.test(text) ? '    ' : '  ';
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  if (line) lines.push(line);
  return lines.map((part, i) => (i === 0 ? `  ${part}` : indent + part));
}
