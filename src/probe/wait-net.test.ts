import { afterEach, expect, it } from 'vitest';
import { startTarget, type Target } from './testing/target.js';
import { recorded, type WaitRow } from './testing/waits.js';

let target: Target;
afterEach(() => target.stop());

it("times questions on connections of the target's own, alone and shared, and no telling without an answer", {
  timeout: 30_000,
}, async () => {
  target = await startTarget('lines.mjs');
  await target.session();
  await target.get('/ask');
  await target.get('/twice');
  await target.get('/tell');
  await Promise.all(['/shared1', '/shared2', '/shared3'].map((path) => target.get(path)));
  const { byOwner, idOf } = await recorded(target);
  const asked = (path: string) => byOwner(idOf(path)).filter(({ kind }) => kind === 'net');

  expect(asked('/ask')).toHaveLength(1);
  expect(asked('/ask')[0]!.ms).toBeGreaterThan(55);
  const { startUs, readyByUs } = asked('/ask')[0] as WaitRow & { readyByUs: number };
  expect(readyByUs).toBeGreaterThan(startUs + 50_000);
  expect(asked('/twice')).toHaveLength(2);
  expect(asked('/tell')).toHaveLength(0);
  for (const path of ['/shared1', '/shared2', '/shared3']) {
    expect(asked(path)).toHaveLength(1);
    expect(asked(path)[0]!.ms).toBeGreaterThan(55);
  }
});
