import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/options.js';
import { ddx } from './kit/ddx.js';

describe('help', () => {
  it('lists every command', async () => {
    const { code, stdout, stderr } = await ddx(['--help']);
    for (const { name } of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect((await ddx([])).code).toBe(2);
  });

  it.each(COMMANDS.map(({ name }) => name))('of %s shows options and an example', async (name) => {
    const { code, stdout } = await ddx([name, '--help']);
    expect(stdout).toMatch(/Examples\n {2}ddx /);
    expect(stdout).toContain(`ddx ${name}`);
    expect(code).toBe(0);
  });

  it('gives the version', async () => {
    expect((await ddx(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('explain', () => {
  it('lists rules, and explains one by its id or its last name', async () => {
    const list = await ddx(['explain']);
    expect(list.stdout).toMatch(/^ {2}runtime\/event-loop-blocked /m);
    const page = await ddx(['explain', 'runtime/event-loop-blocked']);
    expect(page.stdout.length).toBeGreaterThan(500);
    expect((await ddx(['explain', 'event-loop-blocked'])).stdout).toBe(page.stdout);
  });
});

describe('doctor', () => {
  it('says what this machine permits', async () => {
    const { code, stdout } = await ddx(['doctor', '--json']);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; found: string; costs: string }[] };
    expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['Node.js', 'inspector', '/proc', 'schedstat', 'cgroup']));
    expect(code).toBe(0);
    expect((await ddx(['doctor'])).stdout).toContain('schedstat');
  });
});
