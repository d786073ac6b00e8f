import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { startTarget, type Target } from './testing/target.js';
import { lineOf, recorded } from './testing/waits.js';

let target: Target;
afterEach(() => target.stop());

/** Reads nothing for `pauseMs`, then all of it; resolves with the number of bytes. */
function readLate(port: number, path: string, pauseMs: number): Promise<number> {
  return new Promise((done, fail) => {
    get({ port, path, agent: false }, async (answer) => {
      let bytes = 0;
      await sleep(pauseMs);
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length)).on('end', () => done(bytes));
    }).on('error', fail);
  });
}

it('a response that its reader does not take is backpressure, awaited by hand or by a pipeline', { timeout: 30_000 }, async () => {
  target = await startTarget('streams.mjs');
  await target.session();
  for (const path of ['/awaited', '/piped']) expect(await readLate(target.port, path, 300)).toBe(64 << 18);
  const { of, session } = await recorded(target);
  for (const path of ['/awaited', '/piped']) {
    const waits = of(path).filter(({ kind }) => kind === 'stream');
    expect(waits.find(({ dest }) => dest === 'ServerResponse')).toBeDefined();
    expect(Math.max(...waits.map(({ ms }) => ms))).toBeGreaterThan(200);
  }
  const longest = of('/awaited')
    .filter(({ dest }) => dest === 'ServerResponse')
    .sort((a, b) => b.ms - a.ms)[0]!;
  expect(lineOf(session, longest.site, 'streams.mjs')).toBe(11);
});

it('leaves nothing on the stream', { timeout: 30_000 }, async () => {
  const listeners = async (depth: 'none' | 'standard') => {
    target = await startTarget('streams.mjs', { depth });
    if (depth === 'standard') await target.session();
    return (await target.get('/listeners')).slice(-5);
  };
  const bare = await listeners('none');
  await target.stop();
  expect(await listeners('standard')).toBe(bare);
});
