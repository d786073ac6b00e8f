import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { WaitFlag } from '../model/recording.js';
import { messagesOf, startTarget, type Target } from './testing/target.js';
import { recorded } from './testing/waits.js';

let target: Target;
afterEach(() => target.stop());

it('tells the phases of outgoing calls, each within its call and none over another', { timeout: 30_000 }, async () => {
  target = await startTarget('outgoing.mjs');
  await target.session();
  expect(await target.get('/agent')).toBe('ok,ok,ok');
  expect(await target.get('/pool')).toBe('ok,ok,ok');
  expect(await target.get('/tls')).toBe('secret');
  expect(await target.get('/named')).toBe('ok');
  const { session, byOwner, idOf } = await recorded(target);
  const phases = (session.rows['phases'] ?? []).map((row) => ({ ...row, kind: session.text.get(row['kind']!)! }) as Phase);

  const callsOf = (path: string) => {
    const owner = idOf(path);
    return byOwner(owner)
      .filter(({ kind }) => kind === 'http')
      .map((call) => {
        const own = phases.filter((phase) => phase.owner === owner && phase.waitStartUs === call.startUs);
        let atUs = call.startUs;
        for (const phase of own) {
          expect(phase.startUs).toBeGreaterThanOrEqual(atUs);
          expect(phase.endUs).toBeLessThanOrEqual(call.endUs);
          atUs = phase.endUs;
        }
        const ms = (kind: string) =>
          own.filter((phase) => phase.kind === kind).reduce((sum, { startUs, endUs }) => sum + (endUs - startUs) / 1000, 0);
        return { ms: call.ms, pool: ms('http/pool-wait'), dns: ms('net/dns'), connect: ms('net/connect'), tls: ms('net/tls') };
      });
  };
  // One connection, three calls of 100 ms: the second waits for one, the third for two.
  for (const path of ['/agent', '/pool']) {
    const waited = callsOf(path)
      .map(({ pool }) => pool)
      .sort((a, b) => a - b);
    expect(waited).toHaveLength(3);
    expect(waited[0]).toBeLessThan(waited[1]!);
    expect(waited[1]).toBeGreaterThan(90);
    expect(waited[2]).toBeGreaterThan(190);
  }
  const [tls] = callsOf('/tls');
  expect(tls!.tls).toBeGreaterThan(0);
  expect(tls!.dns + tls!.connect + tls!.tls + tls!.pool).toBeLessThanOrEqual(tls!.ms);
  const [named] = callsOf('/named');
  expect(named!.dns).toBeGreaterThan(0);
  expect(named!.ms - named!.dns - named!.connect - named!.pool).toBeGreaterThan(90);
});

it('tells what is asked for without values, what was refused, and which frames only awaited', { timeout: 30_000 }, async () => {
  target = await startTarget('outgoing.mjs');
  await target.session();
  await target.get('/pool');
  expect(await target.get('/rows')).toBe('ok,ok,ok,ok');
  const { session, of } = await recorded(target);
  const calls = of('/rows').filter(({ kind }) => kind === 'http');
  const shapes = calls.map((call) => session.text.get((call as unknown as { shape: number }).shape));
  expect(shapes).toEqual(['GET /users/:id', 'GET /users/:id', 'GET /users by pages', 'PUT /broken/:id']);
  expect([...session.text.values()].some((text) => /Eve|18/.test(text))).toBe(false);
  const same = calls.map((call) => (call as unknown as { same: number }).same);
  expect(new Set(same.slice(0, 3)).size).toBe(3);
  expect(same[3]).toBe(-1);
  expect(calls.map(({ flags }) => flags & ~WaitFlag.opened)).toEqual([0, 0, 0, WaitFlag.refused]);
  const [, second] = calls.map(({ site }) => messagesOf(session, 'site').find(({ i }) => i === site)!.frames);
  // Resumed by the answer before: the loop ran and called ask(); the handler only awaits the loop.
  const own = second!.filter(({ url }) => url.endsWith('outgoing.mjs'));
  expect(own.map(({ awaits }) => awaits ?? false)).toEqual([false, false, true]);
});

it('tells which calls had no answer when the recording ended, not those that still stand in a queue of our own', {
  timeout: 30_000,
}, async () => {
  target = await startTarget('outgoing.mjs');
  await target.session();
  for (const path of ['/hangs', '/queues']) target.get(path).catch(() => {});
  await delay(1300);
  const { session, waits } = await recorded(target);
  const open = waits.filter(({ flags }) => (flags & WaitFlag.open) !== 0).filter(({ kind }) => kind === 'http');
  expect(open.map((call) => session.text.get((call as unknown as { shape: number }).shape))).toEqual(['GET /never', 'GET /never']);
});

interface Phase {
  owner: number;
  waitStartUs: number;
  kind: string;
  startUs: number;
  endUs: number;
}
