/** ESM or CommonJS; JavaScript, TypeScript run by tsx (ts), or compiled before the start into dist/ with source maps beside it (tsc). */
export type Language = 'esm' | 'cjs' | 'ts-esm' | 'ts-cjs' | 'tsc-esm' | 'tsc-cjs';
export const LANGUAGES: readonly Language[] = ['esm', 'cjs', 'ts-esm', 'ts-cjs', 'tsc-esm', 'tsc-cjs'];

export function isCompiled(language: Language): boolean {
  return language.startsWith('tsc');
}

export interface Written {
  text: string;
  /** Lines (from 1) that were marked as the cause. */
  causeLines: number[];
}

export function extensionOf(language: Language, plain = false): string {
  if (!language.startsWith('ts')) return '.js';
  if (plain) return language.endsWith('esm') ? '.mjs' : '.cjs';
  return '.ts';
}

/**
 * Removes the indentation that a template literal has from its place in the scenario file. Values may be blocks of several lines:
 * their lines take the indentation of the line where they stand. A line that holds nothing but an empty value vanishes.
 */
export function js(strings: TemplateStringsArray, ...values: unknown[]): string {
  let text = strings[0]!;
  for (let i = 0; i < values.length; i++) {
    const rest = strings[i + 1]!;
    const line = text.slice(text.lastIndexOf('\n') + 1);
    const indent = /^[ \t]*/.exec(line)![0];
    const value = String(values[i]);
    if (value === '' && line === indent && rest.startsWith('\n')) text = text.slice(0, text.length - indent.length) + rest.slice(1);
    else text += value.replaceAll('\n', `\n${indent}`) + rest;
  }
  const lines = text
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd()
    .split('\n');
  const depth = Math.min(...lines.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length));
  return `${lines.map((line) => line.slice(depth).trimEnd()).join('\n')}\n`;
}

/** Turns a module as scenarios write it into a file of one language. Line by line, so that a marked line stays where it is. */
export function writeModule(source: string, language: Language, plain = false): Written {
  const typed = language.startsWith('ts') && !plain;
  let text = typed ? source.replace(/[«»]/g, '') : source.replace(/«[^»]*»/g, '');
  text = text.replace(/\n{3,}/g, '\n\n').replace(/^\n+/, '');
  text = text.replaceAll('{plain}', extensionOf(language, true));
  if (language === 'cjs' || (plain && language.endsWith('cjs'))) text = toCommonJs(text);
  else if (language.endsWith('cjs')) text = text.replaceAll('import.meta.dirname', '__dirname');
  else text = text.replace(/from '(\.[^']*)'/g, (_, path: string) => `from '${path}.js'`);
  return takeMarks(text);
}

function toCommonJs(source: string): string {
  const exported: string[] = [];
  const lines = source.split('\n').map((line) => {
    const imported = /^import (?:\* as )?(.+) from ('[^']+');$/.exec(line);
    if (imported) return `const ${imported[1]!.replaceAll(' as ', ': ')} = require(${imported[2]});`;
    const declared = /^export ((?:async )?function\*?|class|const|let) (\w+)/.exec(line);
    if (!declared) return line;
    exported.push(declared[2]!);
    return line.slice('export '.length);
  });
  const text = lines.join('\n').replaceAll('import.meta.dirname', '__dirname');
  return exported.length === 0 ? text : `${text.trimEnd()}\n\nmodule.exports = { ${exported.join(', ')} };\n`;
}

function takeMarks(source: string): Written {
  const kept: string[] = [];
  const causeLines: number[] = [];
  let inside = false;
  for (const line of source.split('\n')) {
    const bare = line.trim();
    if (bare === '//@cause{') inside = true;
    else if (bare === '//@cause}') inside = false;
    else {
      const marked = line.endsWith('//@cause');
      kept.push(marked ? line.slice(0, -'//@cause'.length).trimEnd() : line);
      if (inside || marked) causeLines.push(kept.length);
    }
  }
  return { text: kept.join('\n'), causeLines };
}
