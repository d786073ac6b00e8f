import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { unmetNeed } from '../needs.js';
import { missingService } from './install.js';
import { startService } from './start.js';

const root = resolve(import.meta.dirname, '../../..');
const missing = missingService('redis');

describe.skipIf(missing)(`services of our own${missing ? ` (skipped: ${missing})` : ''}`, { timeout: 60_000 }, () => {
  it('are there when a scenario needs them, listen on the loopback, and leave nothing behind', async () => {
    expect(unmetNeed(['redis'])).toBeNull();
    const before = folders();
    const service = await startService('redis');
    expect(service.url).toBe(`redis://127.0.0.1:${service.port}`);
    expect(await answers(service.port)).toBe(true);
    expect(folders().length).toBe(before.length + 1);
    await service.stop();
    expect(await answers(service.port)).toBe(false);
    expect(folders()).toEqual(before);
  });

  it('end when who started them is killed', async () => {
    const code =
      "import { startService } from './src/lab/services/start.ts'; console.log((await startService('redis')).port); setInterval(() => {}, 1e6);";
    const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    const port = Number(line.toString());
    expect(await answers(port)).toBe(true);
    owner.kill('SIGKILL');
    // The guard looks once a second.
    for (let i = 0; i < 100 && (await answers(port)); i++) await sleep(100);
    expect(await answers(port)).toBe(false);
  });

  it('that do not start say why', async () => {
    await expect(startService('redis', ['--no-such-setting', 'x'])).rejects.toThrow(/redis ended while it started[\s\S]*no-such-setting/);
  });
});

function folders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('ddx-redis-') && existsSync(resolve(tmpdir(), name)));
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
