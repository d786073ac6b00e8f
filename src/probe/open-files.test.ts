import { afterEach, expect, it } from 'vitest';
import { messagesOf, startTarget, type Target } from './testing/target.js';

const TIMES = 4;
let target: Target;
afterEach(() => target.stop());

it('tells where what is still open was opened', { timeout: 60_000 }, async () => {
  target = await startTarget('opens.mjs');
  const session = await target.session();
  await target.get('/');
  session.send({ t: 'mark' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (let i = 0; i < TIMES; i++) {
    await target.get('/');
    // Only so many places are looked at in each quarter of a second.
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await target.finish();

  const sites = new Map(messagesOf(session, 'site').map(({ i, frames }) => [i, frames]));
  const counts = new Map<string, number>();
  for (const { site, count } of messagesOf(session, 'open-files').at(-1)!.open)
    counts.set(sites.get(site)?.find(({ url }) => url.includes('opens.mjs'))?.function ?? '?', count);
  expect(Object.fromEntries(counts)).toEqual({ keepStream: TIMES, keepNumber: TIMES, keepSocket: TIMES });
});
