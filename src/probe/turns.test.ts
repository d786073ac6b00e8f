import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTurns } from './turns.js';

type Stretch = [startUs: number, endUs: number, owner: number, afterPoll?: boolean];

function collect(stretches: Stretch[]) {
  const rows: { startUs: number; endUs: number; owner: number }[] = [];
  const turns = createTurns((startUs, durUs, owner) => rows.push({ startUs, endUs: startUs + durUs, owner }));
  for (const [startUs, endUs, owner, afterPoll] of stretches) {
    if (afterPoll) turns.polled();
    turns.push(startUs, endUs, owner);
  }
  turns.flush();
  return { rows, turns };
}

it('joins what one owner did without a break', () => {
  const { rows } = collect([
    [0, 100, 1],
    [100, 250, 1],
    [300, 400, 1],
  ]);
  expect(rows).toEqual([
    { startUs: 0, endUs: 250, owner: 1 },
    { startUs: 300, endUs: 400, owner: 1 },
  ]);
});

it('gives a sliver of the loop to the owner it leads to', () => {
  const { rows } = collect([
    [0, 15, 0],
    [15, 100, 1],
    [100, 110, 0],
    [110, 200, 2],
    [200, 205, 0],
    [205, 300, 2],
  ]);
  expect(rows).toEqual([
    { startUs: 0, endUs: 100, owner: 1 },
    { startUs: 100, endUs: 300, owner: 2 },
  ]);
});

it.each([0, 1])('ends a turn where the loop polls, also between two of one owner: %i', (owner) => {
  const { rows } = collect([
    [0, 100, owner],
    [100, 105, 0, true],
    [105, 200, owner],
    [200, 300, owner],
    [300, 310, 0, true],
    [310, 400, 2],
  ]);
  expect(rows).toEqual([
    { startUs: 0, endUs: 100, owner },
    { startUs: 100, endUs: 300, owner },
    { startUs: 300, endUs: 400, owner: 2 },
  ]);
});

it('keeps unowned work that is more than a sliver', () => {
  const { rows } = collect([
    [0, 100, 1],
    [100, 140, 0],
    [140, 200, 1],
  ]);
  expect(rows.map(({ owner }) => owner)).toEqual([1, 0, 1]);
});

it('neither loses nor doubles time, and never overlaps', () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.boolean(), fc.integer({ min: 0, max: 3 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      let at = 0;
      const stretches = steps.map(([length, gap, owner, afterPoll]): Stretch => {
        if (gap) at += 40;
        at += length;
        return [at - length, at, owner, afterPoll];
      });
      const { rows } = collect(stretches);
      const busyUs = steps.reduce((sum, [length]) => sum + length, 0);
      expect(rows.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0)).toBe(busyUs);
      for (let i = 1; i < rows.length; i++) expect(rows[i]!.startUs).toBeGreaterThanOrEqual(rows[i - 1]!.endUs);
      // No owner may gain or lose more than the slivers around its stretches.
      for (const owner of [1, 2, 3]) {
        const truth = steps.filter(([, , by]) => by === owner).reduce((sum, [length]) => sum + length, 0);
        const told = rows.filter((row) => row.owner === owner).reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
        expect(told).toBeGreaterThanOrEqual(truth);
      }
    }),
  );
});

it('leaves out whole slices when there are too many, and says since when', () => {
  const many: Stretch[] = [];
  for (let i = 0; i < 200_000; i++) many.push([i * 10, i * 10 + 5, (i % 2) + 1]);
  const { rows, turns } = collect(many);
  expect(rows.length + turns.dropped).toBe(200_000);
  expect(rows.length).toBeLessThan(60_000);
  expect(turns.droppedUntilUs).toBeGreaterThan(1_900_000);
});
