import { afterEach, expect, it } from 'vitest';
import { messagesOf, startTarget, type Target } from './testing/target.js';

let target: Target;
afterEach(() => target.stop());

it('tells where the target set its own priority, though that was before the recording', { timeout: 60_000 }, async () => {
  target = await startTarget('polite.mjs');
  const session = await target.finish();
  const [{ site } = { site: -1 }] = messagesOf(session, 'priority');
  const { frames } = messagesOf(session, 'site').find(({ i }) => i === site)!;
  expect(frames[0]).toMatchObject({ function: 'bePolite', line: 6 });
});
