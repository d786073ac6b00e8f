import { describe, expect, it } from 'vitest';
import type { ProfileDocument, SourceLocation } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { workOf } from './work-kind.js';

const app = (name: string, line: number): SourceLocation => ({ file: 'app.js', line, function: name, source: 'app' });
const node = (name: string, file: string): SourceLocation => ({ file: `node:${file}`, line: 1, function: name, source: 'node' });
const native = (name: string): SourceLocation => ({ file: '', line: 1, function: name, source: 'native' });
const dependency = (name: string): SourceLocation => ({ file: 'node_modules/x/index.js', line: 9, function: name, source: 'dependency' });

/** What samples of one stack, outermost first, are spent on; `line`: where the innermost was when it was sampled. */
function spentOn(stack: SourceLocation[], line?: number, lines: string[] = []) {
  const nodes = stack.map((location, i) => ({
    parent: i - 1,
    location,
    ticks: (i === stack.length - 1 && line !== undefined ? [[line, 5]] : []) as [number, number][],
  }));
  const profile: ProfileDocument = { nodes, intervalUs: 1000 };
  const recording = buildRecording({ documents: { profiles: [profile], sources: [{ file: 'app.js', firstLine: 1, lines }] } });
  return workOf(recording, profile, Array(5).fill(nodes.length - 1));
}

describe('what a task is spent on', () => {
  it.each([
    ['sync-crypto', 'pbkdf2Sync', [app('login', 3), node('pbkdf2Sync', 'internal/crypto/pbkdf2'), native('run')]],
    ['sync-fs', 'readFileSync', [app('page', 3), node('readFileSync', 'fs'), node('openSync', 'fs'), native('open')]],
    [
      'sync-zlib',
      'zlibBufferSync',
      [app('pack', 3), node('zlibBufferSync', 'zlib'), node('processChunkSync', 'zlib'), native('writeSync')],
    ],
    ['sync-child-process', 'execSync', [app('run', 3), node('execSync', 'child_process'), node('spawnSync', 'internal/child_process')]],
    [
      'sync-logging',
      'console',
      [app('log', 3), native('consoleCall'), node('log', 'internal/console/constructor'), node('writeSync', 'fs')],
    ],
    ['sync-json', 'structuredClone', [app('copy', 3), native('structuredClone')]],
    ['sync-fs', 'writeFileSync', [app('save', 3), dependency('store'), node('writeFileSync', 'fs')]],
    ['catastrophic-regex', '^(a+)+$', [app('check', 3), native('RegExp: ^(a+)+$')]],
    ['sync-cpu', 'a+', [app('check', 3), native('RegExp: a+')]],
    [
      'module-loading',
      null,
      [app('late', 3), node('require', 'internal/modules/helpers'), app('(anonymous)', 1), node('readFileSync', 'fs')],
    ],
    ['sync-cpu', null, [app('sum', 3)]],
    // A callback that Node calls is not Node's work.
    ['sync-cpu', null, [node('readFileSync', 'fs'), app('sum', 3)]],
  ])('%s (%s) by its frames', (kind, name, stack) => expect(spentOn(stack)).toEqual({ kind, name }));

  const lines = [
    'function answer(rows) {',
    '  const text = JSON.stringify(rows);',
    '  return rows.filter((row) => SLOW.test(row.name)).sort(byName);',
    '}',
    'const SLOW = /^(\\w+\\s?)*$/;',
    'function copy(value) {',
    '  return JSON.parse(JSON.stringify(value));',
    '}',
    'function both(rows) {',
    '  for (const row of rows) total += score(row);',
    '  return JSON.stringify(rows);',
    '}',
    'const first = rows.sort(byName)[0];',
  ];
  it.each([
    ['sync-json', 'JSON.stringify', 'answer', 1, 2],
    ['catastrophic-regex', '^(\\w+\\s?)*$', 'answer', 1, 3],
    ['sync-cpu', 'sort', 'first', 13, 13],
    ['sync-json', 'JSON.parse(JSON.stringify())', 'copy', 6, 7],
    // Code written on one line by a tool: of a function that loops nobody knows what it was at, of one that does not it is what it calls.
    ['sync-json', 'JSON.parse(JSON.stringify())', 'copy', 6, 6],
    ['sync-cpu', null, 'both', 9, 9],
    ['sync-cpu', null, 'both', 9, 10],
  ])('%s (%s) by the line, where what it calls has no frame', (kind, name, inside, first, line) =>
    expect(spentOn([app(inside, first)], line, lines)).toEqual({ kind, name }),
  );

  it('is the user’s computing where nothing else takes most of it, and the collector counts for neither', () => {
    const locations = [app('work', 1), node('readFileSync', 'fs'), native('(garbage collector)')];
    const nodes = locations.map((location, i) => ({ parent: i === 1 ? 0 : -1, location, ticks: [] }));
    const profile: ProfileDocument = { nodes, intervalUs: 1000 };
    const recording = buildRecording({ documents: { profiles: [profile] } });
    expect(workOf(recording, profile, [0, 0, 0, 1, 1]).kind).toBe('sync-cpu');
    expect(workOf(recording, profile, [0, 1, 1, 2, 2, 2]).kind).toBe('sync-fs');
  });
});
