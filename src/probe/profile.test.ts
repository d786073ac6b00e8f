import { afterEach, describe, expect, it } from 'vitest';
import { startTarget, type Target } from './testing/target.js';

let target: Target;
afterEach(() => target.stop());

/** Serves `path` without a break, `connections` at a time. */
async function busyFor(ms: number, path: string): Promise<void> {
  const until = performance.now() + ms;
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      while (performance.now() < until) await target.get(path);
    }),
  );
}

async function recorded() {
  const session = await target.finish();
  const profile = session.messages.find((message) => message.t === 'profile')!;
  const samples = session.rows['samples'] as unknown as { tUs: number; node: number }[];
  return { profile, samples };
}

describe('the CPU profile', () => {
  it('looks every millisecond at a thread that mostly waits', async () => {
    target = await startTarget('plain.mjs');
    const open = await target.session();
    await new Promise((done) => setTimeout(done, 1200));
    open.send({ t: 'mark' });
    await target.get('/promise');
    expect((await recorded()).profile.intervalUs).toBe(1000);
  }, 20_000);

  it('more seldom at one that is busy', async () => {
    target = await startTarget('plain.mjs');
    const open = await target.session();
    await busyFor(1500, '/storm');
    open.send({ t: 'mark' });
    await busyFor(500, '/storm');
    const { profile, samples } = await recorded();
    expect(profile.intervalUs).toBeGreaterThan(1000);
    expect(samples.length).toBeGreaterThan(20);
  }, 20_000);

  it('where that shows late, what was seen before is kept, in one tree', async () => {
    target = await startTarget('plain.mjs');
    const open = await target.session();
    open.send({ t: 'mark' });
    await busyFor(2200, '/storm');
    const { profile, samples } = await recorded();
    expect(profile.intervalUs).toBeGreaterThan(1000);
    expect(profile.nodes.map(({ parent }, i) => (parent < 0 ? i : -1)).filter((i) => i >= 0)).toEqual([0]);
    profile.nodes.forEach(({ parent }, i) => {
      expect(parent).toBeLessThan(i);
    });
    const apart = samples.slice(1).map(({ tUs }, i) => tUs - samples[i]!.tUs);
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(0);
    for (const { node } of samples) expect(profile.nodes[node]).toBeDefined();
    expect(samples.at(-1)!.tUs - samples[0]!.tUs).toBeGreaterThan(1_500_000);
  }, 20_000);

  it('comes slice by slice to somebody who watches; rows stand before the tree they point into', async () => {
    target = await startTarget('plain.mjs');
    const open = await target.session();
    for (let i = 0; i < 2; i++) {
      await busyFor(400, '/storm');
      open.send({ t: 'look' });
    }
    await busyFor(200, '/storm');
    const session = await target.finish();
    const kinds = session.messages.map(({ t }) => t).filter((t) => t === 'profile' || t === 'looked');
    expect(kinds).toEqual(['profile', 'looked', 'profile', 'looked', 'profile']);
    const samples = session.rows['samples'] as unknown as { tUs: number }[];
    const apart = samples.slice(1).map(({ tUs }, i) => tUs - samples[i]!.tUs);
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(0);
    const trees = session.messages.flatMap((message) => (message.t === 'profile' ? [message.nodes.length] : []));
    expect(Math.min(...trees)).toBeGreaterThan(1);
    expect(samples.length).toBeGreaterThan(20);
  }, 20_000);
});
