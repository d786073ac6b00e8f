import { describe, expect, it } from 'vitest';
import type { ProfileDocument, SourceLocation } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { hotFrame } from './hot-frame.js';
import { calledName, lineOfCall } from './source-line.js';

const at = (name: string, line: number, source: SourceLocation['source'] = 'app'): SourceLocation => ({
  file: source === 'app' ? 'src/a.js' : 'lib',
  line,
  function: name,
  source,
});

/** root > emit > handler > search > score > (score again), and handler > parse (native) */
const profile: ProfileDocument = {
  intervalUs: 1000,
  nodes: [
    { parent: -1, location: at('(root)', 0, 'native'), ticks: [] },
    { parent: 0, location: at('emit', 1, 'node'), ticks: [] },
    { parent: 1, location: at('handler', 10), ticks: [[11, 1]] },
    { parent: 2, location: at('search', 20), ticks: [[21, 2]] },
    {
      parent: 3,
      location: at('score', 30),
      ticks: [
        [33, 40],
        [31, 5],
      ],
    },
    { parent: 4, location: at('score', 30), ticks: [[33, 10]] },
    { parent: 2, location: at('parse', 0, 'native'), ticks: [] },
  ],
};

describe('hot frame', () => {
  it('names the deepest own function that carries the samples, recursion counted once', () => {
    const hot = hotFrame(profile, [4, 4, 5, 5, 4, 3, 4, 5, 4, 4])!;
    expect(hot).toMatchObject({
      location: { function: 'score', line: 33 },
      share: 0.9,
      callee: null,
      path: ['handler', 'search', 'score'],
    });
  });
  it('names the caller and what it called where native code did the work', () => {
    expect(hotFrame(profile, [6, 6, 6, 6, 2])).toMatchObject({ location: { function: 'handler', line: 10 }, callee: { name: 'parse' } });
  });
  it('names nobody where no own code was on the stack', () => {
    expect(hotFrame(profile, [1, 1, 0])).toBeNull();
    expect(hotFrame(profile, [])).toBeNull();
  });
});

describe('line of a call', () => {
  const recording = buildRecording({
    documents: {
      sources: [
        {
          file: 'src/a.js',
          firstLine: 8,
          lines: [
            '// parse(x) in a comment',
            '',
            'function handler(req) {',
            '  const parser = 1;',
            '  const body = JSON.parse(req.text);',
            '  return body;',
            '}',
            'parse(1)',
          ],
        },
        {
          file: 'page.js',
          firstLine: 1,
          lines: ['function page(text) {', '  if (text === undefined) return;', '  const html = md.parse(text);', '  return html;', '}'],
        },
        { file: 'pack.js', firstLine: 1, lines: ['function pack(rows) {', '  const text = rows.join();', '  return gzipSync(text);', '}'] },
        {
          file: 'mail.js',
          firstLine: 1,
          lines: [
            'const MAIL = /^(a+)+$/;',
            'function check(mail) {',
            '  const ok = MAIL.test(mail);',
            '  return ok || /^(b+)+$/.test(mail);',
            '}',
          ],
        },
      ],
    },
  });
  const native = (name: string) => ({ name, location: { file: '', line: 0, function: name, source: 'native' as const } });
  it('is found inside the function', () => {
    expect(lineOfCall(recording, at('handler', 10), native('parse')).line).toBe(12);
  });
  it('is where a regular expression is applied, if possible where it is written', () => {
    const check = { file: 'mail.js', line: 2, function: 'check', source: 'app' as const };
    expect(lineOfCall(recording, check, native('RegExp: ^(a+)+$')).line).toBe(3);
    expect(lineOfCall(recording, check, native('RegExp: ^(b+)+$')).line).toBe(4);
  });
  it('is where a function without a name is written', () => {
    const inner = { name: '(anonymous)', location: at('(anonymous)', 12) };
    expect(lineOfCall(recording, at('handler', 10), inner).line).toBe(12);
  });
  it('is where something blocking is called, where Node has another name for it', () => {
    const wrapper = {
      name: 'syncBufferWrapper',
      location: { file: 'node:zlib', line: 700, function: 'syncBufferWrapper', source: 'node' as const },
    };
    const pack = { file: 'pack.js', line: 1, function: 'pack', source: 'app' as const };
    expect(lineOfCall(recording, pack, wrapper).line).toBe(3);
    expect(calledName(recording, { ...pack, line: 3 }, wrapper)).toBe('gzipSync');
  });
  it('is the only line with a call, where a dependency has names of its own', () => {
    const minified = { name: 'x', location: { file: 'node_modules/md/index.js', line: 1, function: 'x', source: 'dependency' as const } };
    const page = { file: 'page.js', line: 1, function: 'page', source: 'app' as const };
    expect(lineOfCall(recording, page, minified).line).toBe(3);
    expect(lineOfCall(recording, { ...page, file: 'pack.js', function: 'pack' }, minified).line).toBe(1);
  });
  it('stays at the function where the body shows no such call', () => {
    expect(lineOfCall(recording, at('handler', 10), native('inflateSync')).line).toBe(10);
    expect(lineOfCall(recording, at('handler', 10), native('(garbage collector)')).line).toBe(10);
  });
});
