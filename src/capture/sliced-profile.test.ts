import { describe, expect, it } from 'vitest';
import type { ProbeMessage } from '../model/wire.js';
import { createLocator } from './locations.js';
import { SlicedProfile } from './sliced-profile.js';

type Slice = Extract<ProbeMessage, { t: 'profile' }>;

/** Functions called from one another, each with its samples by line. */
const slice = (...calls: [parent: number, name: string, ticks: [number, number][]][]): Slice => ({
  t: 'profile',
  intervalUs: 1000,
  nodes: calls.map(([parent, name, ticks]) => ({ parent, function: name, url: '', line: 1, column: 1, ticks })),
});
const sample = (tUs: number, node: number): Float64Array => Float64Array.of(0, tUs, node);

describe('a profile in slices', () => {
  it('is one tree: what has the same callers is the same, whatever its number in its slice', () => {
    const profile = new SlicedProfile(createLocator('/', '/probe.cjs'));
    profile.hold(sample(10, 2));
    profile.hold(sample(20, 1));
    expect([...profile.take(slice([-1, 'root', []], [0, 'a', [[1, 1]]], [1, 'b', [[2, 1]]]))]).toEqual([0, 10, 2, 0, 20, 1]);
    profile.hold(sample(110, 1));
    profile.hold(sample(120, 2));
    profile.hold(sample(130, 3));
    const rows = profile.take(slice([-1, 'root', []], [0, 'b', [[2, 1]]], [0, 'a', [[1, 1]]], [2, 'b', [[2, 5]]]));
    expect([...rows].filter((_, i) => i % 3 === 2)).toEqual([3, 1, 2]);
    const { nodes } = profile.document()!;
    expect(nodes.map(({ parent, location, ticks }) => [parent, location.function, ticks])).toEqual([
      [-1, 'root', []],
      [0, 'a', [[1, 2]]],
      [1, 'b', [[2, 6]]],
      [0, 'b', [[2, 1]]],
    ]);
  });

  it('forgets samples of slices that are over, and keeps the tree that rows point into', () => {
    const profile = new SlicedProfile(createLocator('/', '/probe.cjs'));
    expect(profile.document()).toBeNull();
    for (const tUs of [10, 1010]) {
      profile.hold(sample(tUs, 1));
      profile.take(slice([-1, 'root', []], [0, 'a', [[1, 1]]]));
    }
    profile.forget(500);
    expect(profile.document()!.nodes[1]!.ticks).toEqual([[1, 1]]);
    profile.forget(5000);
    expect(profile.document()!.nodes.map(({ ticks }) => ticks)).toEqual([[], []]);
  });

  it('a program without end fills it up, and calls beyond count for their callers', () => {
    const profile = new SlicedProfile(createLocator('/', '/probe.cjs'));
    const many = Array.from({ length: 50_000 }, (_, i): [number, string, [number, number][]] => [i === 0 ? -1 : 0, `f${i}`, []]);
    profile.take(slice(...many));
    profile.hold(sample(10, 2));
    const rows = profile.take(slice([-1, 'f0', []], [0, 'f7', []], [1, 'new', [[9, 1]]]));
    expect(rows[2]).toBe(7);
    expect(profile.document()!.nodes).toHaveLength(50_000);
    expect(profile.document()!.nodes[7]!.ticks).toEqual([[9, 1]]);
  });
});
