import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { withPreload } from './node-options.js';

const folder = mkdtempSync(join(tmpdir(), 'ddx-options-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('withPreload', () => {
  it('keeps what the user set, in front', () => {
    expect(withPreload('--max-old-space-size=512', '/p.cjs')).toBe('--max-old-space-size=512 --require /p.cjs');
    expect(withPreload('  ', '/p.cjs')).toBe('--require /p.cjs');
    expect(withPreload(undefined, '/p.cjs')).toBe('--require /p.cjs');
  });

  it.each(['plain.cjs', 'with space.cjs', 'with "quotes".cjs', 'with \\ backslash.cjs', "it's.cjs", 'tab\tin it.cjs'])(
    'is read by node as one path: %s',
    (name) => {
      const preload = join(folder, name);
      writeFileSync(preload, 'process.stdout.write("preloaded ");');
      const printed = execFileSync(process.execPath, ['-p', 'process.title'], {
        env: { ...process.env, NODE_OPTIONS: withPreload('--title="own title"', preload) },
        encoding: 'utf8',
      });
      expect(printed.trim()).toBe('preloaded own title');
    },
  );
});
