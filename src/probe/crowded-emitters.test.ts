import { afterEach, expect, it } from 'vitest';
import { messagesOf, startTarget, type Target } from './testing/target.js';

let target: Target;
afterEach(() => target.stop());

it('tells how many listeners stay with an emitter that Node warned of, and who adds them', { timeout: 60_000 }, async () => {
  target = await startTarget('listens.mjs');
  const session = await target.session();
  for (let i = 0; i < 18; i++) await target.get('/');
  session.send({ t: 'mark' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (let i = 0; i < 30; i++) await target.get('/');
  await target.finish();

  const { gained } = messagesOf(session, 'lasting').find((message) => message.gained[0]?.kind === 'listener')!;
  const sites = new Map(messagesOf(session, 'site').map(({ i, frames }) => [i, frames]));
  expect(gained).toHaveLength(1);
  expect(gained[0]!.begun.reduce((sum, count) => sum + count)).toBe(20);
  const own = sites.get(gained[0]!.site)?.find(({ url }) => url.endsWith('listens.mjs'));
  expect(own).toMatchObject({ function: 'follow', line: 10 });
  expect(target.output()).toContain('MaxListenersExceededWarning');
});
