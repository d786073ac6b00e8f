/** The Markdown that rules are explained in: what CONTRIBUTING asks for and no more. */
export type Block =
  | { is: 'heading'; level: number; text: string }
  | { is: 'paragraph'; text: string }
  | { is: 'code'; language: string; lines: string[] }
  | { is: 'list'; items: { mark: string; text: string }[] }
  | { is: 'table'; head: string[]; rows: string[][] };

export type Inline = { style: 'plain' | 'strong' | 'code'; text: string } | { style: 'link'; text: string; href: string };

/** Never fails: what is not understood is a paragraph. HTML comments are left out. */
export function parseExplanation(markdown: string): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.replace(/<!--.*?-->/gs, '').split(/\r?\n/);
  let at = 0;
  /** The line at hand and those after it that belong to it. */
  const takeWhile = (belongs: (line: string) => boolean): string[] => {
    const from = at++;
    while (at < lines.length && belongs(lines[at]!)) at++;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at]!;
    const heading = /^(#{1,6}) +(.*)$/s.exec(line);
    const fence = /^(`{3,})(\w*)/.exec(line);
    if (line.trim() === '') at++;
    else if (heading) {
      blocks.push({ is: 'heading', level: heading[1]!.length, text: heading[2]! });
      at++;
    } else if (fence) {
      blocks.push({ is: 'code', language: fence[2]!, lines: takeWhile((inside) => !inside.startsWith(fence[1]!)).slice(1) });
      at++;
    } else if (line.startsWith('|')) blocks.push(tableOf(takeWhile((row) => row.startsWith('|'))));
    else if (ITEM.test(line)) blocks.push(listOf(takeWhile((next) => ITEM.test(next) || /^ +\S/.test(next))));
    else
      blocks.push({
        is: 'paragraph',
        text: takeWhile(goesOn)
          .map((part) => part.trim())
          .join(' '),
      });
  }
  return blocks;
}

const ITEM = /^\s*([-*]|\d+\.) +/;

function goesOn(line: string): boolean {
  return line.trim() !== '' && !/^(#{1,6} |`{3}|\|)/.test(line) && !ITEM.test(line);
}

function listOf(lines: readonly string[]): Block {
  const items: { mark: string; text: string }[] = [];
  for (const line of lines) {
    const item = ITEM.exec(line);
    if (item) items.push({ mark: item[1]!, text: line.slice(item[0].length).trim() });
    else items.at(-1)!.text += ` ${line.trim()}`;
  }
  return { is: 'list', items };
}

function tableOf(lines: readonly string[]): Block {
  const [head = [], ...rows] = lines.filter((line) => !/^\|[\s:|-]+\|$/.test(line)).map(cellsOf);
  return { is: 'table', head, rows };
}

function cellsOf(line: string): string[] {
  const parts = line
    .replace(/^\|/, '')
    .replace(/\|\s*$/, '')
    .split(/(?<!\\)\|/);
  return parts.map((cell) => cell.trim().replaceAll('\\|', '|'));
}

const INLINE = /`+([^`]+)`+|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

export function parseInline(text: string): Inline[] {
  const parts: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > from) parts.push({ style: 'plain', text: unescaped(text.slice(from, match.index)) });
    const [, code, strong, label, href] = match;
    if (code !== undefined) parts.push({ style: 'code', text: code.trim() });
    else if (strong !== undefined) parts.push({ style: 'strong', text: unescaped(strong) });
    else parts.push({ style: 'link', text: label!, href: href! });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ style: 'plain', text: unescaped(text.slice(from)) });
  return parts;
}

function unescaped(text: string): string {
  return text
    .replace(/\\([\\`*_{}[\]<>|~#+.=-])/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
