import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { ddx, privateFolder, start } from './kit/ddx.js';

const golden = resolve(import.meta.dirname, '../../rules/runtime/event-loop-blocked/golden/sick.ddx');
const folder = privateFolder();
afterAll(() => folder.remove());

describe('ddx show --serve', () => {
  it('serves the page to who knows the address, and to nobody else, until Ctrl-C', async () => {
    const running = start(['show', golden, '--serve']);
    const [, origin = '', port = '', path = ''] = await running.said(/(http:\/\/127\.0\.0\.1:(\d+))(\/[\w-]{22}\/)/);
    const page = await fetch(`${origin}${path}`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).toContain('id="ddx-data"');
    const statuses = [
      (await fetch(`${origin}/`)).status,
      (await fetch(`${origin}${path.replace(/.\/$/, '-/')}`)).status,
      (await fetch(`${origin}${path}`, { method: 'POST' })).status,
      await statusFor(Number(port), path, 'evil.example'),
    ];
    expect(statuses).toEqual([404, 404, 404, 404]);
    running.child.kill('SIGINT');
    expect(await running.finished).toMatchObject({ code: 1, stdout: expect.stringContaining('runtime/event-loop-blocked') });
  });
});

describe.skipIf(process.platform === 'win32')('ddx show --open', () => {
  it('hands the page to the browser', async () => {
    const browser = join(folder.path, 'browser');
    const seen = join(folder.path, 'seen');
    writeFileSync(browser, `#!/bin/sh\ncat "$1" > ${seen}.part && mv ${seen}.part ${seen}\n`);
    chmodSync(browser, 0o755);
    const { code, stderr } = await ddx(['show', golden, '--open'], { env: { BROWSER: browser, TMPDIR: folder.path } });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/opened .*report\.html/)]);
    expect(await contentOf(seen)).toContain('id="ddx-data"');
  });

  it('says where the page is when there is none', async () => {
    const { code, stderr } = await ddx(['show', golden, '--open'], { env: { BROWSER: join(folder.path, 'none'), TMPDIR: folder.path } });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/no browser could be started .*report\.html/)]);
  });
});

function statusFor(port: number, path: string, host: string): Promise<number> {
  return new Promise((resolved, reject) => {
    request({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
      response.resume();
      resolved(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

async function contentOf(file: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      if (tries > 200) throw error;
      await delay(50);
    }
  }
}
