import { describe, expect, it } from 'vitest';
import { js, writeModule } from './source.js';

describe('js', () => {
  it('takes away the indentation of its place and keeps the rest', () => {
    expect(js`
      function a() {
        return 1;
      }
    `).toBe('function a() {\n  return 1;\n}\n');
  });

  it('indents a block of several lines like its place', () => {
    expect(js`
      if (x) {
        ${'a();\nif (b) {\n  c();\n}'}
      }
    `).toBe('if (x) {\n  a();\n  if (b) {\n    c();\n  }\n}\n');
  });

  it('indents a block in the middle of a line like the line', () => {
    expect(js`
      call(${'() => {\n  work();\n}'}, 1);
      done();
    `).toBe('call(() => {\n  work();\n}, 1);\ndone();\n');
  });
  it('drops a line that holds nothing but an empty value', () => {
    expect(js`
      a();
      ${''}
      b();
    `).toBe('a();\nb();\n');
  });
});

describe('writeModule', () => {
  const source = js`
    import os from 'node:os';
    import { items, type as kind } from './store';

    //@cause{
    export async function load(id«: string») {
      return items[id];
    }
    //@cause}

    export const size«: number» = os.cpus().length; //@cause
    const here = import.meta.dirname;
  `;

  it('writes an ES module', () => {
    const { text, causeLines } = writeModule(source, 'esm');
    const lines = text.split('\n');
    expect(lines[1]).toBe("import { items, type as kind } from './store.js';");
    expect(causeLines.map((line) => lines[line - 1])).toEqual([
      'export async function load(id) {',
      '  return items[id];',
      '}',
      'export const size = os.cpus().length;',
    ]);
    expect(text).not.toContain('@cause');
  });

  it('writes CommonJS that exports the same names', () => {
    const { text, causeLines } = writeModule(source, 'cjs');
    expect(text).toContain("const os = require('node:os');\nconst { items, type: kind } = require('./store');");
    expect(text).toContain('const here = __dirname;');
    expect(text.trimEnd().endsWith('module.exports = { load, size };')).toBe(true);
    expect(text.split('\n')[causeLines[0]! - 1]).toBe('async function load(id) {');
  });

  it('keeps annotations in TypeScript and drops them from a plain module', () => {
    expect(writeModule(source, 'ts-esm').text).toContain('load(id: string)');
    expect(writeModule(source, 'ts-cjs').text).toContain('import os from');
    expect(writeModule(source, 'ts-cjs', true).text).toContain("require('node:os')");
    expect(writeModule(source, 'ts-esm', true).text).toContain('load(id)');
    expect(writeModule(source, 'tsc-esm')).toEqual(writeModule(source, 'ts-esm'));
    expect(writeModule(source, 'tsc-cjs', true)).toEqual(writeModule(source, 'ts-cjs', true));
  });
});
