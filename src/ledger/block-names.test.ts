import { describe, expect, it } from 'vitest';
import type { ProfileDocument, SourceLocation } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { buildLedgerContext } from './context.js';

const at = (name: string, line: number, file = 'prices.js'): SourceLocation => ({ file, line, function: name, source: 'app' });
const TARGET = { pid: 1, ppid: 0, role: 'target' as const, runtime: 'node', versions: {}, title: '', features: {} };
/** root > refresh > build, refresh > compare; root > handler > merge (seen at work before it was inlined into handler). */
const profile: ProfileDocument = {
  intervalUs: 1000,
  nodes: [
    { parent: -1, location: { file: '', line: 0, function: '(root)', source: 'native' }, ticks: [] },
    { parent: 0, location: at('refresh', 8), ticks: [[8, 1]] },
    { parent: 1, location: at('build', 20), ticks: [[21, 100]] },
    { parent: 1, location: at('compare', 30), ticks: [[31, 300]] },
    { parent: 0, location: at('handler', 3, 'routes.js'), ticks: [[5, 70]] },
    { parent: 4, location: at('merge', 2, 'merge.js'), ticks: [[4, 30]] },
  ],
};
const sources = [
  { file: 'routes.js', firstLine: 1, lines: ['', '', 'function handler(req) {', '  const rows = load();', '  return merge(rows);', '}'] },
];

/** One block per list of sampled nodes, 100 ms each, of nobody or of the request with that id. */
function blocksOf(sampled: number[][], owner = 0) {
  const turns = sampled.map((_, i) => [0, i * 1e6, 1e5, owner]);
  const samples = sampled.flatMap((nodes, i) => nodes.map((node, k) => [0, i * 1e6 + 1 + k * 1000, node]));
  const documents = { processes: [TARGET], profiles: [profile], sources };
  return buildLedgerContext(buildRecording({ rows: { turns, samples }, documents })).blocks.all;
}
const many = (node: number, times: number): number[] => new Array<number>(times).fill(node);

describe('names of blocks', () => {
  it('are one where one task is caught in its different parts', () => {
    const blocks = blocksOf([many(3, 90), [...many(2, 45), ...many(3, 45)], [...many(2, 10), ...many(3, 60)]]);
    expect(new Set(blocks.map(({ label }) => label))).toEqual(new Set(['compare (prices.js:31)']));
  });
  it('are two where two tasks have nothing in common but the loop', () => {
    const blocks = blocksOf([many(3, 90), many(4, 90)]);
    expect(new Set(blocks.map(({ label }) => label)).size).toBe(2);
  });
  it('go through the line that calls a function which the optimizer copied into its caller', () => {
    const [block] = blocksOf([[...many(4, 70), ...many(5, 30)]]);
    expect(block!.label).toBe('merge (merge.js:4)');
  });
  it('stay at the caller whose own line calls nothing that was seen', () => {
    const [block] = blocksOf([many(4, 90)]);
    expect(block!.label).toBe('handler (routes.js:5)');
  });
});
