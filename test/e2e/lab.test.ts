import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Scorecard } from '../../src/lab/scorecard.js';
import { ddx, privateFolder } from './kit/ddx.js';

const root = resolve(import.meta.dirname, '../..');
const cli = resolve(root, 'dist/cli.js');

describe.skipIf(!existsSync(cli))('ddx lab', () => {
  it('lists every family with what it is about', async () => {
    const { stdout, code } = await ddx(['lab', 'list'], { cwd: root });
    expect(code).toBe(0);
    expect(stdout).toMatch(/heap-leak\s+Something keeps a reference/);
    expect(stdout).toContain('they look ill and are well');
    expect(stdout).toContain('composed');
    const json = await ddx(['lab', 'list', '--json'], { cwd: root });
    const { scenarios } = JSON.parse(json.stdout) as { scenarios: { id: string }[] };
    expect(scenarios.filter(({ id }) => id.startsWith('healthy/')).length).toBeGreaterThanOrEqual(20);
  });

  it('suggests what was meant', async () => {
    const { stderr, code } = await ddx(['lab', 'heap-leek'], { cwd: root });
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean memory/heap-leak?');
  });

  it('says how to get the packages of a server that are missing', async () => {
    const folder = privateFolder();
    const { stderr, code } = await ddx(['lab', 'heap-leak', '--seed', '1', '--for', '1s'], { cwd: folder.path });
    folder.remove();
    expect(code).toBe(2);
    expect(stderr).toMatch(/npm install --no-save .*@\d+\.\d+/);
  });

  it('shows a server healthy, sick and healed, and what heals it, without asking where nobody is there', { timeout: 120_000 }, async () => {
    const { stdout, code, stderr } = await ddx(['lab', 'event-loop-blocked', '--seed', '4', '--for', '4s'], { cwd: root });
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/It is\s+Event loop blocked/);
    expect(stdout).not.toContain('Your guess');
    expect(stdout).toMatch(/- +const ok = \/\^\(\[a-z0-9\]\+/);
    expect(stdout).toMatch(/healthy +sick +healed/);
    expect(stdout).toContain('Why it happens');
  });

  it('scores a run and tells it as JSON', { timeout: 120_000 }, async () => {
    const args = ['lab', 'score', '--rule', 'http/error-responses', '--only', 'sick', '--seed', '3', '--for', '3s', '--json'];
    const { stdout } = await ddx(args, { cwd: root });
    const { rules, runs, left } = JSON.parse(stdout) as Scorecard & { left: number };
    expect({ runs, left }).toEqual({ runs: 1, left: 0 });
    expect(rules.find(({ rule }) => rule === 'http/error-responses')).toMatchObject({ sickRuns: 1, found: 1, stage: 'undecided' });
  });
});
