import { escapeHtml } from '../escape-html.js';
import { type Block, type Inline, parseExplanation, parseInline } from './parse.js';

/** A rule's page as the inside of an HTML document. Links go where `link` says; text is text. */
export function explanationHtml(markdown: string, link: (href: string) => string = (href) => href): string {
  return parseExplanation(markdown)
    .map((block) => blockHtml(block, link))
    .join('\n');
}

type Link = (href: string) => string;

function blockHtml(block: Block, link: Link): string {
  switch (block.is) {
    case 'heading':
      return `<h${block.level} id="${idOf(block.text)}">${inlineHtml(block.text, link)}</h${block.level}>`;
    case 'paragraph':
      return `<p>${inlineHtml(block.text, link)}</p>`;
    case 'list': {
      const tag = /\d/.test(block.items[0]?.mark ?? '') ? 'ol' : 'ul';
      return `<${tag}>${block.items.map(({ text }) => `<li>${inlineHtml(text, link)}</li>`).join('')}</${tag}>`;
    }
    case 'code':
      return `<pre tabindex="0"><code>${block.lines.map((line) => lineHtml(line, block.language)).join('\n')}</code></pre>`;
    case 'table': {
      const row = (cells: readonly string[], tag: 'th' | 'td'): string =>
        `<tr>${cells.map((cell) => `<${tag}>${inlineHtml(cell, link)}</${tag}>`).join('')}</tr>`;
      return `<div class="table" tabindex="0"><table><thead>${row(block.head, 'th')}</thead><tbody>${block.rows.map((cells) => row(cells, 'td')).join('')}</tbody></table></div>`;
    }
  }
}

/** Lines of a diff say what they do by colour as well as by sign. */
function lineHtml(line: string, language: string): string {
  const kind = language !== 'diff' ? '' : line.startsWith('+') ? 'ins' : line.startsWith('-') ? 'del' : '';
  return kind === '' ? escapeHtml(line) : `<${kind}>${escapeHtml(line)}</${kind}>`;
}

function inlineHtml(text: string, link: Link): string {
  return parseInline(text)
    .map((part) => partHtml(part, link))
    .join('');
}

function partHtml(part: Inline, link: Link): string {
  const text = escapeHtml(part.text);
  if (part.style === 'code') return `<code>${text}</code>`;
  if (part.style === 'strong') return `<strong>${text}</strong>`;
  if (part.style !== 'link') return text;
  const href = link(part.href);
  return /^(?:https?:|#|\.{0,2}\/|[\w-]+(?:[/.#]|$))/.test(href) && !/^(?:javascript|data|vbscript):/i.test(href)
    ? `<a href="${escapeHtml(href)}">${text}</a>`
    : text;
}

function idOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\w]+/g, '-')
    .replace(/^-|-$/g, '');
}
