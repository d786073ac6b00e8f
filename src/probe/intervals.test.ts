import { afterEach, expect, it } from 'vitest';
import { messagesOf, startTarget, type Target } from './testing/target.js';

const TIMES = 4;
let target: Target;
afterEach(() => target.stop());

it('tells which intervals were begun and still run', { timeout: 60_000 }, async () => {
  target = await startTarget('intervals.mjs');
  const session = await target.session();
  await target.get('/');
  session.send({ t: 'mark' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (let i = 0; i < TIMES; i++) await target.get('/');
  await target.finish();

  const { gained } = messagesOf(session, 'lasting').find((message) => message.gained[0]?.kind === 'interval')!;
  const sites = new Map(messagesOf(session, 'site').map(({ i, frames }) => [i, frames]));
  const known = gained.map(({ site, begun }) => [sites.get(site)?.[0]?.function, begun.reduce((sum, count) => sum + count)]);
  expect(known).toEqual([['goesOn', TIMES]]);
});
