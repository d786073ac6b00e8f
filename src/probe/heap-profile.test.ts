import { afterEach, expect, it } from 'vitest';
import { messagesOf, startTarget, type Target } from './testing/target.js';

const MB = 1 << 20;
const TIMES = 40;
let target: Target;
afterEach(() => target.stop());

it('tells what stays, in the heap and outside of it, and in which part of the time it was made', { timeout: 60_000 }, async () => {
  target = await startTarget('keeps.mjs');
  const session = await target.session();
  session.send({ t: 'mark' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (let i = 0; i < TIMES; i++) await target.get('/');
  await target.finish();

  const last = messagesOf(session, 'heap-profile').at(-1)!;
  const of = (name: string) => {
    const stacks = last.stacks.filter(({ frames }) => frames.some((frame) => frame.function === name));
    const quarters = stacks.reduce((sum, { addedBytes }) => sum.map((bytes, i) => bytes + addedBytes[i]!), [0, 0, 0, 0]);
    return {
      liveBytes: stacks.reduce((sum, stack) => sum + stack.liveBytes, 0),
      added: quarters.reduce((sum, bytes) => sum + bytes, 0),
      quarters,
    };
  };
  const buffers = of('keepBuffer');
  expect(buffers.liveBytes / MB).toBeGreaterThan(TIMES * 0.9);
  expect(buffers.liveBytes / MB).toBeLessThan(TIMES * 1.1);
  expect(buffers.added).toBe(buffers.liveBytes);
  expect(of('dropBuffer').liveBytes / MB).toBeLessThan(4);
  const objects = of('keepObjects');
  expect(objects.liveBytes / MB).toBeGreaterThan(TIMES * 0.4);
  // All of them were made after the mark.
  expect(objects.added).toBeGreaterThan(objects.liveBytes * 0.8);
  expect(of('allocationMark').liveBytes).toBe(0);
});
