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

it('tells turns with a poll between them apart, though one request has them all', async () => {
  target = await startTarget('starves.mjs');
  await target.session();
  await target.get('/turns');
  await target.get('/ticks');
  const { rows, text } = await target.finish();
  const [turns, ticks] = ['/turns', '/ticks'].map((path) => {
    const { id } = rows['requests']!.find(({ route }) => text.get(route!) === `GET ${path}`)!;
    return rows['turns']!.filter(({ owner }) => owner === id).map(({ durUs }) => durUs!);
  });
  // A tenth of a millisecond a thousand times. Where the thread loses its core, a turn may be long and a chain of ticks broken, but not all.
  expect(turns!.length).toBeGreaterThan(50);
  expect(turns!.sort((a, b) => a - b)[turns!.length >> 1]).toBeLessThan(10_000);
  expect(Math.max(...ticks!)).toBeGreaterThan(20_000);
});

it('sees nothing where each part gives way to the loop', async () => {
  expect(await unpolledOf('/turns')).toEqual([]);
});
