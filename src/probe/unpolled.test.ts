import { afterEach, expect, it } from 'vitest';
import { startTarget, type Target } from './testing/target.js';

let target: Target;
afterEach(() => target.stop());

async function unpolledOf(path: string) {
  target = await startTarget('starves.mjs', { depth: 'deep' });
  await target.session();
  await target.get(path);
  return (await target.finish()).rows['unpolled'] ?? [];
}

it.each(['/ticks', '/promises'])('sees that the loop does not come round while callbacks end: %s', async (path) => {
  const rows = await unpolledOf(path);
  // A thousand times a tenth of a millisecond, less what lies before the first look.
  expect(rows).toHaveLength(1);
  expect(rows[0]!['calls']).toBeGreaterThan(500);
  expect(rows[0]!['durUs']).toBeGreaterThan(50_000);
  expect(rows[0]!['longestUs']).toBeLessThan(rows[0]!['durUs']!);
});

it('sees nothing where each part gives way to the loop', async () => {
  expect(await unpolledOf('/turns')).toEqual([]);
});
