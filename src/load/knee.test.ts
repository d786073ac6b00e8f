import { describe, expect, it } from 'vitest';
import { findKnee } from './knee.js';

/** A server whose knee is there; with hiccups at the given tries. */
const server = (kneePerS: number, hiccups: readonly number[] = [], limitPerS = Number.POSITIVE_INFINITY) => {
  let tries = 0;
  return async (ratePerS: number) => {
    const met = ratePerS <= kneePerS && ratePerS <= limitPerS && !hiccups.includes(++tries);
    return { met, limited: ratePerS > limitPerS };
  };
};

describe('the knee', () => {
  it.each([3, 37, 50, 99, 640, 12_345])('at %d per second is found within 10 %', async (kneePerS) => {
    const { best, missedAtPerS } = await findKnee(50, server(kneePerS));
    expect(best!.ratePerS).toBeLessThanOrEqual(kneePerS);
    expect(missedAtPerS! > kneePerS).toBe(true);
    expect(missedAtPerS! / best!.ratePerS).toBeLessThanOrEqual(1.1);
  });

  it('is not mistaken for one hiccup', async () => {
    const { best, steps } = await findKnee(50, server(640, [2]));
    expect(best!.ratePerS).toBeGreaterThan(580);
    expect(steps.filter(({ ratePerS }) => ratePerS === 100)).toHaveLength(2);
  });

  it('is unknown beyond what the generator can do', async () => {
    expect(await findKnee(50, server(10_000, [], 1_000))).toMatchObject({ best: { ratePerS: 800 }, missedAtPerS: null });
  });

  it('is null where nothing is good enough', async () => {
    expect(await findKnee(50, server(0))).toMatchObject({ best: null });
  });

  it('is what was seen until it was interrupted', async () => {
    let tries = 0;
    const { best, steps } = await findKnee(50, async () => (++tries > 3 ? null : { met: true, limited: false }));
    expect([best!.ratePerS, steps.length]).toEqual([200, 3]);
  });
});
