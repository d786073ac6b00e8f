import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { hostileReport, sickReport } from '../../test/sample-reports.js';
import type { PageData } from '../model/page.js';
import { renderHtml } from './html.js';

const TEMPLATE = `<!doctype html><html><head><title>ddx report</title><script type="module">run("</" + "body>")</script><style>a{}</style></head>
<body><div id="app"><main><!--verdict--></main></div></body></html>`;

test('the data comes last and gives back the report', () => {
  const html = renderHtml(sickReport(), TEMPLATE);
  expect(html).toMatch(/<script type="application\/octet-stream;base64" id="ddx-data">[A-Za-z0-9+/=]+<\/script>\s*<\/body><\/html>$/);
  expect(unpack(html).report).toEqual(sickReport());
  expect(unpack(html).findingsMarkdown[0]).toContain('### The event loop is blocked');
});

test('the policy names the hashes of the page itself, and nothing else', () => {
  const html = renderHtml(hostileReport(), TEMPLATE);
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  expect(html).toContain(
    `content="default-src 'none'; script-src ${hash('run("</" + "body>")')}; style-src ${hash('a{}')}; img-src data:; base-uri 'none'; form-action 'none'"`,
  );
});

test('no text of the recording is markup', () => {
  const html = renderHtml(hostileReport(), TEMPLATE);
  expect(html).not.toContain('<img');
  expect(html.match(/<script/g)).toHaveLength(2);
  expect(html).toContain('&#60;img src=x onerror=&#34;');
});

test('no text of the recording misleads the eye', () => {
  expect(JSON.stringify(unpack(renderHtml(hostileReport(), TEMPLATE)))).not.toMatch(/\\u001b|[\u202a-\u202e\u2066-\u2069]/);
});

test('a template that lacks a place is refused', () => {
  expect(() => renderHtml(sickReport(), '<html></html>')).toThrow('The page template has no <head>');
});

function unpack(html: string): PageData {
  return JSON.parse(gunzipSync(Buffer.from(/id="ddx-data">([^<]*)/.exec(html)![1]!, 'base64')).toString());
}
