import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { WaitFlag } from '../model/recording.js';
import { startTarget, type Target } from './testing/target.js';
import { lineOf, recorded } from './testing/waits.js';

let target: Target;
afterEach(() => target.stop());

it('times calls over node:http2, where they go, what they ask for and what they waited for first', { timeout: 30_000 }, async () => {
  target = await startTarget('outgoing-http2.mjs');
  await target.session();
  expect(await target.get('/first')).toBe('rates');
  expect(await target.get('/again')).toBe('rates');
  expect(await target.get('/turns')).toBe('rates,rates');
  expect(await target.get('/full')).toBe('rates');
  expect(await target.get('/hangs-up')).toBe('ERR_HTTP2_STREAM_ERROR');
  const { session, of, idOf } = await recorded(target);
  const source = readFileSync(resolve(import.meta.dirname, '../../test/fixtures/probe/outgoing-http2.mjs'), 'utf8').split('\n');
  const line = source.findIndex((text) => text.endsWith('// asks')) + 1;
  const calls = (path: string) => of(path).filter(({ kind }) => kind === 'http');

  for (const path of ['/first', '/again', '/full', '/hangs-up']) {
    expect(calls(path)).toHaveLength(1);
    const [call] = calls(path);
    expect(call!.dest).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(call!.ms).toBeGreaterThan(75);
    expect(lineOf(session, call!.site, 'outgoing-http2.mjs')).toBe(line);
  }
  const shapes = ['/first', '/again'].map((path) => session.text.get((calls(path)[0] as unknown as { shape: number }).shape));
  expect(shapes).toEqual(['GET /rates/:id', 'GET /rates/:id']);
  expect(calls('/first')[0]!.flags).toBe(WaitFlag.opened);
  expect(calls('/full')[0]!.flags).toBe(WaitFlag.refused);
  expect(calls('/hangs-up')[0]!.flags).toBe(WaitFlag.failed);

  const phases = (path: string) =>
    (session.rows['phases'] ?? [])
      .filter(({ owner }) => owner === idOf(path))
      .map(({ kind, startUs, endUs }) => ({ kind: session.text.get(kind!), ms: (endUs! - startUs!) / 1000 }));
  expect(calls('/turns')).toHaveLength(2);
  // The session was opened for the first call.
  expect(phases('/first').map(({ kind }) => kind)).toContain('net/connect');
  expect(phases('/again')).toEqual([]);
});
