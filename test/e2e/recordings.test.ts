import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OUTPUT_KINDS } from '../../src/cli/output-kinds.js';
import { ddx, privateFolder, reportOf } from './kit/ddx.js';

let folder: ReturnType<typeof privateFolder>;
let original = '';
let printed = '';
beforeAll(async () => {
  folder = privateFolder();
  original = join(folder.path, 'original.ddx');
  const run = await ddx([
    'run',
    '--json',
    '--rate',
    '50',
    '--for',
    '2s',
    '--warmup',
    '300ms',
    '--out',
    original,
    '--',
    'node',
    'server.cjs',
  ]);
  printed = run.stdout;
  reportOf(run);
});
afterAll(() => folder.remove());

function copy(name: string, change: (bytes: Buffer) => Buffer = (bytes) => bytes): string {
  const path = join(folder.path, name);
  writeFileSync(path, change(readFileSync(original)));
  return path;
}

describe('ddx show', () => {
  it('gives the same bytes as the run, from a copy elsewhere', async () => {
    const elsewhere = join(folder.path, 'elsewhere');
    mkdirSync(elsewhere);
    copyFileSync(original, join(elsewhere, 'copied.ddx'));
    const { stdout } = await ddx(['show', '--json', 'copied.ddx'], { cwd: elsewhere, env: { TZ: 'Asia/Tokyo', LANG: 'tr_TR.UTF-8' } });
    expect(stdout).toBe(printed);
    const newest = await ddx(['show', '--json'], { cwd: elsewhere });
    expect(newest.stdout).toBe(printed);
  });

  it('writes files on the way', async () => {
    const html = join(folder.path, 'report.html');
    const md = join(folder.path, 'report.md');
    await ddx(['show', original, '--output', `html=${html}`, '--output', `md=${md}`]);
    expect(readFileSync(html, 'utf8')).toMatch(/^<!doctype html>/i);
    expect(readFileSync(md, 'utf8')).toContain('#');
    const json = join(folder.path, 'report.json');
    const exported = await ddx(['export', original, '--output', `json=${json}`]);
    expect(exported).toMatchObject({ code: 0, stdout: '' });
    expect(readFileSync(json, 'utf8')).toBe(printed);
  });

  it('writes every kind of output', async () => {
    const kinds = Object.keys(OUTPUT_KINDS).map((kind) => [kind, join(folder.path, `every.${kind}`)] as const);
    const outputs = kinds.flatMap(([kind, path]) => ['--output', `${kind}=${path}`]);
    const { code, stderr } = await ddx(['export', original, ...outputs]);
    expect(code).toBe(0);
    for (const [kind, path] of kinds) {
      expect(stderr).toContain(`wrote ${path} (${kind})`);
      expect(readFileSync(path).length, kind).toBeGreaterThan(50);
    }
  });

  it('annotates in GitHub Actions, and adds to the summary of the step', async () => {
    const summary = join(folder.path, 'summary.md');
    writeFileSync(summary, 'what was there\n');
    const { stdout, stderr } = await ddx(['show', '--json', original], { env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary } });
    expect(stdout).toBe(printed);
    expect(stderr).toMatch(/^::(notice|warning|error) /m);
    expect(readFileSync(summary, 'utf8')).toMatch(/^what was there\n## ddx: /);
  });

  it('reports what is left of a file that was cut off', async () => {
    const path = copy('cut.ddx');
    truncateSync(path, Math.floor(readFileSync(path).length * 0.7));
    const report = reportOf(await ddx(['show', '--json', path]));
    expect(report.warnings.join('\n')).toMatch(/torn|closed|documents/);
  });

  it.each([
    ['missing', () => join('/tmp', 'no-such-file.ddx'), 'DDX_RECORDING_MISSING'],
    ['foreign', () => copy('foreign.ddx', () => Buffer.from('<html>not a recording</html>')), 'DDX_RECORDING_FOREIGN'],
    ['empty', () => copy('empty.ddx', () => Buffer.alloc(0)), 'DDX_RECORDING_'],
    ['a folder', () => folder.path, 'DDX_RECORDING_FOREIGN'],
    [
      'newer',
      () => copy('newer.ddx', (bytes) => Buffer.concat([bytes.subarray(0, 8), Buffer.of(99, 0, 0, 0), bytes.subarray(12)])),
      'DDX_RECORDING_NEWER',
    ],
    ['cut to its first bytes', () => copy('stump.ddx', (bytes) => bytes.subarray(0, 40)), 'DDX_RECORDING_DAMAGED'],
  ])('refuses a file that is %s', async (_, make, code) => {
    const finished = await ddx(['show', make()]);
    expect(finished.stderr).toContain(code);
    expect(finished).toMatchObject({ code: 2, stdout: '' });
  });

  it('survives a hostile file', async () => {
    for (const seed of [1, 2, 3]) {
      const path = copy(`hostile-${seed}.ddx`, (bytes) => {
        const changed = Buffer.from(bytes);
        for (let i = seed * 7 + 12; i < changed.length; i += 97 * seed) changed[i] = (changed[i]! * 31 + seed) & 0xff;
        return changed;
      });
      const { code, stderr } = await ddx(['show', path]);
      expect([0, 1, 2, 4]).toContain(code);
      expect(stderr).not.toContain('DDX_INTERNAL');
    }
  });
});
