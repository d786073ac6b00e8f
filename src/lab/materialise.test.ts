import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { diffLines } from './diff.js';
import { discoverScenarios } from './discover.js';
import { drawFrom } from './kit/draw.js';
import { materialise } from './materialise.js';

const scenarios = [...(await discoverScenarios(resolve(import.meta.dirname, '../../rules'))).values()];
const work = mkdtempSync(join(tmpdir(), 'ddx-lab-'));
afterAll(() => rmSync(work, { recursive: true }));

/** The most lines by which a sick server may differ from its healthy twin: it is a slip, not another program. */
const LARGEST_DIFF = 36;

describe.each(scenarios.map((scenario) => [scenario.id, scenario] as const))('%s', (_, scenario) => {
  const seeds = scenario.causes.map((_, i) => i);

  it('is the same for the same seed', () => {
    for (const seed of seeds) {
      const first = materialise(scenario, { seed, sick: true }, join(work, 'a'));
      const again = materialise(scenario, { seed, sick: true }, join(work, 'b'));
      expect({ ...again, cwd: '' }).toEqual({ ...first, cwd: '' });
      expect(filesOf(join(work, 'b'))).toEqual(filesOf(join(work, 'a')));
    }
  });

  it('differs between seeds, causes in turn', () => {
    const [one, two] = [0, scenario.causes.length].map((seed) => materialise(scenario, { seed, sick: true }, join(work, 'a')));
    expect(two!.flavour.split(' · ')[0]).toBe(one!.flavour.split(' · ')[0]);
    expect([two!.load, two!.flavour]).not.toEqual([one!.load, one!.flavour]);
  });

  it.runIf(scenario.rule !== null)('is healed by a small diff', () => {
    for (const seed of seeds) {
      const sick = materialise(scenario, { seed, sick: true }, join(work, 'a'));
      const well = materialise(scenario, { seed, sick: false }, join(work, 'b'));
      expect(well.flavour.split(' · ').slice(0, 3)).toEqual(sick.flavour.split(' · ').slice(0, 3));
      expect(well.load).toEqual(sick.load);
      expect(well.truth).toEqual({ rule: null, lines: [] });
      const changed = changedLines(filesOf(join(work, 'a')), filesOf(join(work, 'b')));
      const outside = [sick, well].map(({ companions, quotaCores, settings }) => JSON.stringify({ companions, quotaCores, settings }));
      expect(changed, `seed ${seed}`).toBeLessThanOrEqual(LARGEST_DIFF);
      expect(changed > 0 || outside[0] !== outside[1], `seed ${seed}: sick and healthy are the same`).toBe(true);
    }
  });

  it('never writes one file or answers one path twice', () => {
    for (let seed = 0; seed < 60; seed++) {
      const { modules, routes } = scenario.build(drawFrom(scenario.id, seed), true);
      const names = [...modules.map(({ file }) => file), ...routes.map(({ method, path }) => `${method} ${path}`)];
      expect(
        names.filter((name, i) => names.indexOf(name) !== i),
        `seed ${seed}`,
      ).toEqual([]);
    }
  });

  it('marks lines that exist, and leaves no mark behind', () => {
    for (const seed of seeds) {
      const { truth } = materialise(scenario, { seed, sick: true }, join(work, 'a'));
      const files = filesOf(join(work, 'a'));
      for (const { file, line } of truth.lines) expect(files.get(file)?.split('\n')[line - 1], `${file}:${line}`).toBeDefined();
      for (const [name, text] of files) expect(text, name).not.toMatch(/@cause|[«»]|\{plain\}|undefined,/);
    }
  });
});

function filesOf(dir: string): Map<string, string> {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    names
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(dir.length + 1), readFileSync(path, 'utf8')]),
  );
}

/** Lines that only one of the two has, whatever their place. */
function changedLines(a: Map<string, string>, b: Map<string, string>): number {
  const linesOf = (text = '') => text.split('\n').map((line) => line.trim());
  const names = [...new Set([...a.keys(), ...b.keys()])];
  return names
    .flatMap((name) => diffLines(linesOf(a.get(name)), linesOf(b.get(name))))
    .flat()
    .filter(({ sign }) => sign !== ' ').length;
}
