import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { startTarget, type Target } from './testing/target.js';
import { lineOf, recorded, type WaitRow } from './testing/waits.js';

let target: Target;
afterEach(() => target.stop());

const source = readFileSync(resolve(import.meta.dirname, '../../test/fixtures/probe/locks.mjs'), 'utf8').split('\n');
const lineWith = (comment: string) => source.findIndex((line) => line.endsWith(`// ${comment}`)) + 1;

it('names the lines where requests wait for a mutex, for a batch and for ever, and who let them go', { timeout: 30_000 }, async () => {
  target = await startTarget('locks.mjs');
  await target.session();
  // Some requests are watched, and more of them once they were seen to wait so.
  for (let round = 0; round < 8; round++) {
    await Promise.all([1, 2, 3].map(() => target.get('/lock')).concat(target.get('/batch')));
    await target.get('/never', { signal: AbortSignal.timeout(100) }).catch(() => {});
  }
  await sleep(100);
  const { session, waits, ids } = await recorded(target);
  const told = waits as (WaitRow & { by: number; bySite: number })[];
  const line = (site: number) => lineOf(session, site, 'locks.mjs');
  const locks = ids('/lock');
  const handovers = told.filter(({ kind }) => kind === 'handover');
  expect(handovers.length).toBeGreaterThanOrEqual(12);
  for (const { owner, by } of handovers) {
    expect(locks).toContain(owner);
    expect(locks).toContain(by);
    expect(by).not.toBe(owner);
  }
  const named = handovers.filter(({ site }) => site >= 0);
  expect(named.length).toBeGreaterThan(2);
  for (const { site } of named) expect(line(site)).toBe(lineWith('waits its turn'));
  // The whole way there: the mutex, who asked for it, the route.
  const frames = session.messages.flatMap((message) => (message.t === 'site' && message.i === named[0]!.site ? [message.frames] : []))[0]!;
  expect(frames.filter(({ url }) => url.endsWith('locks.mjs')).map(({ line }) => line)).toEqual(
    expect.arrayContaining([lineWith('waits its turn'), lineWith('for the mutex'), lineWith('while holding it')]),
  );
  const released = handovers.filter(({ bySite }) => bySite >= 0);
  expect(released.length).toBeGreaterThan(0);

  const batched = told.filter(({ owner, kind }) => kind === 'promise' && ids('/batch').includes(owner));
  expect(batched.length).toBeGreaterThan(4);
  for (const { by } of batched) expect(by).toBe(0);
  const lines = batched.filter(({ site }) => site >= 0).map(({ site }) => line(site));
  expect(new Set(lines)).toEqual(new Set([lineWith('for the batch')]));

  const never = told.filter(({ owner, kind }) => kind === 'promise' && ids('/never').includes(owner));
  for (const { flags, ms } of never) {
    expect(flags).toBe(2);
    expect(ms).toBeGreaterThan(50);
  }
  // Of those that were not watched it is not known where they stand.
  const stands = never.filter(({ site }) => site >= 0);
  expect(stands.length).toBeGreaterThan(0);
  for (const { site } of stands) expect(line(site)).toBe(lineWith('for ever'));
});

it('knows of a request without an answer that it has a timer set, and the innermost line at which it stands', {
  timeout: 30_000,
}, async () => {
  target = await startTarget('locks.mjs');
  await target.session();
  for (let round = 0; round < 6; round++) await target.get('/late', { signal: AbortSignal.timeout(100) }).catch(() => {});
  await sleep(100);
  const { session, waits } = await recorded(target);
  const late = waits.filter(({ kind, flags }) => kind === 'promise' && (flags & 2) !== 0);
  const stands = late.filter(({ site }) => site >= 0);
  expect(stands.length).toBeGreaterThan(0);
  for (const { flags } of late) expect(flags).toBe(2 | 8);
  for (const { site } of stands) expect(lineOf(session, site, 'locks.mjs')).toBe(lineWith('for a deadline'));
});
