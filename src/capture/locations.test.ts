import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformWithOxc } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocator } from './locations.js';

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'ddx-maps-')));
  for (const name of ['src', 'dist', 'node_modules/lib']) mkdirSync(join(folder, name), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

const SOURCE = `interface Order {
  id: number;
}

export function total(orders: Order[]): number {
  let sum = 0;
  for (const order of orders) {
    sum += order.id;
  }
  return sum;
}
`;

/** SOURCE as JavaScript, with a map that says it came from `source`. */
async function build(source: string, withContent = false): Promise<{ code: string; map: string }> {
  const { code, map } = await transformWithOxc(SOURCE, 'order.ts', { lang: 'ts', sourcemap: true });
  const sourcesContent = withContent ? [SOURCE] : undefined;
  return { code, map: JSON.stringify({ ...map, file: 'order.js', sources: [source], sourcesContent }) };
}
const inlined = (map: string): string => `data:application/json;base64,${Buffer.from(map).toString('base64')}`;

/** Line of the built code (from 1) that holds `text`. */
const lineOf = (code: string, text: string): number => code.split('\n').findIndex((line) => line.includes(text)) + 1;
const frame = (url: string, line: number, column = 1) => ({ function: 'total', url, line, column });

describe('locate', () => {
  it.each(['inline', 'external'] as const)('follows an %s source map, by path and by URL', async (kind) => {
    const built = await build('../src/order.ts');
    const path = join(folder, `dist/${kind}.js`);
    writeFileSync(path, `${built.code}\n//# sourceMappingURL=${kind === 'inline' ? inlined(built.map) : 'external.js.map'}\n`);
    writeFileSync(`${path}.map`, built.map);
    writeFileSync(join(folder, 'src/order.ts'), SOURCE);
    const locator = createLocator(folder, '/nowhere/preload.cjs');
    const line = lineOf(built.code, 'sum +=');
    for (const url of [path, pathToFileURL(path).href, `${pathToFileURL(path).href}?v=1`]) {
      expect(locator.locate(frame(url, line, 5))).toMatchObject({ file: 'src/order.ts', line: 8, source: 'app', function: 'total' });
      // Profiles know lines only; column 1 lies before the first mapping of an indented line.
      expect(locator.line(url, line, 1)).toBe(8);
    }
    expect(locator.linesOf(locator.locate(frame(path, line, 5)))[7]).toBe('    sum += order.id;');
  });

  it('takes the text from the map where the source is not on the machine', async () => {
    const built = await build('webpack://shop/./src/elsewhere.ts', true);
    const path = join(folder, 'dist/bundle.js');
    writeFileSync(path, `${built.code}\n//# sourceMappingURL=${inlined(built.map)}`);
    const locator = createLocator(folder, '/nowhere/preload.cjs');
    const at = locator.locate(frame(path, lineOf(built.code, 'return sum'), 3));
    expect(at).toMatchObject({ file: 'src/elsewhere.ts', line: 10 });
    expect(locator.linesOf(at)[9]).toBe('  return sum;');
  });

  it('uses a map that only the process knew', async () => {
    const built = await build('order.ts');
    const path = join(folder, 'src/order.ts');
    writeFileSync(path, SOURCE);
    const locator = createLocator(folder, '/nowhere/preload.cjs');
    locator.addScript(pathToFileURL(path).href, inlined(built.map));
    expect(locator.locate(frame(path, lineOf(built.code, 'sum +='), 5))).toMatchObject({ file: 'src/order.ts', line: 8 });
  });

  it('tells apart who wrote it', () => {
    writeFileSync(join(folder, 'plain.js'), 'x();\n');
    const locator = createLocator(folder, '/nowhere/preload.cjs');
    expect(locator.locate(frame(join(folder, 'plain.js'), 1))).toMatchObject({ file: 'plain.js', source: 'app' });
    expect(locator.locate(frame(join(folder, 'node_modules/lib/index.js'), 3))).toMatchObject({ source: 'dependency', line: 3 });
    expect(locator.locate(frame('/elsewhere/app.js', 3))).toMatchObject({ file: '/elsewhere/app.js', source: 'app' });
    expect(locator.locate(frame('node:net', 3))).toMatchObject({ file: 'node:net', source: 'node' });
    expect(locator.locate(frame('', 0))).toMatchObject({ source: 'native', function: 'total' });
    expect(locator.locate({ ...frame('', 0), function: '' }).function).toBe('(anonymous)');
  });

  it('shows the running code where the map is broken or absent', () => {
    for (const [name, tail] of [
      ['broken', '//# sourceMappingURL=data:application/json;base64,bm90IGpzb24='],
      ['gone', '//# sourceMappingURL=nowhere.map'],
    ] as const) {
      const path = join(folder, `${name}.js`);
      writeFileSync(path, `a();\nb();\n${tail}\n`);
      const locator = createLocator(folder, '/nowhere/preload.cjs');
      expect(locator.locate(frame(path, 2))).toMatchObject({ file: `${name}.js`, line: 2 });
      expect(locator.line(path, 2, 1)).toBe(2);
    }
  });
});
