import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SAMPLES, sickReport } from '../../test/sample-reports.js';
import { findingMarkdown, renderMarkdown } from './markdown.js';
import { codeBlock, codeSpan, prose } from './markdown-text.js';

describe.each(['sick', 'healthy', 'inconclusive', 'empty', 'hostile'])('%s', (name) => {
  test('reads well', async () => {
    await expect(renderMarkdown(SAMPLES[name]!())).toMatchFileSnapshot(`golden/${name}.md`);
  });
});

test('nothing in running text is markup', () => {
  expect(prose('<img src=x onerror=1> & [a](b) **x** `y` _z_ | ~s~ # 1')).toBe(
    '&lt;img src=x onerror=1&gt; &amp; \\[a\\](b) \\*\\*x\\*\\* \\`y\\` \\_z\\_ \\| \\~s\\~ # 1',
  );
  expect(prose('ask @everyone about #12')).toBe('ask `@`everyone about `#`12');
  expect(prose('# a\n- b')).toBe('\\# a - b');
  expect([prose('1. one'), prose('1.5 threads')]).toEqual(['1\\. one', '1.5 threads']);
});

test('nothing closes a code span or block', () => {
  expect(codeSpan('a `b` c')).toBe('`` a `b` c ``');
  expect(codeBlock('x\n```\n<script>', 'a.ts')).toBe('````ts\nx\n```\n<script>\n````');
  fc.assert(
    fc.property(fc.array(fc.constantFrom('`', '``', '```', 'a', '\n', ' ', '|'), { maxLength: 20 }), (parts) => {
      const span = codeSpan(parts.join(''));
      const fence = /^`+/.exec(span)![0];
      expect(span.slice(fence.length, -fence.length)).not.toMatch(new RegExp(`(?<!\`)\`{${fence.length}}(?!\`)`));
      expect(span).not.toContain('\n');
    }),
  );
});

test('a finding can be copied on its own', () => {
  const [finding] = sickReport().findings;
  const text = findingMarkdown(finding!);
  expect(text).toMatch(/^### The event loop is blocked/);
  expect(text).toContain('> 42 |   const sorted');
  for (const evidence of finding!.evidence) expect(text).toContain(evidence.says);
});
