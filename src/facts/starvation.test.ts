import { describe, expect, it } from 'vitest';
import type { ProfileDocument, SourceLocation } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { createReader } from './reader.js';
import { starvation } from './starvation.js';

const source = [
  'function step(from) {',
  '  add(from);',
  '  if (from > 0) process.nextTick(step, from - 1);',
  '}',
  'function handler(rows) {',
  '  for (const row of rows) add(row);',
  '}',
];
const place = (name: string, file: string, line: number, kind: SourceLocation['source']): SourceLocation => ({
  file,
  line,
  function: name,
  source: kind,
});
const profile: ProfileDocument = {
  intervalUs: 1000,
  nodes: [
    { parent: -1, location: place('(root)', '', 1, 'native'), ticks: [] },
    { parent: 0, location: place('processTicksAndRejections', 'node:internal/process/task_queues', 1, 'node'), ticks: [] },
    { parent: 1, location: place('step', 'app.js', 1, 'app'), ticks: [[2, 9]] },
    { parent: 0, location: place('parserOnIncoming', 'node:_http_server', 1, 'node'), ticks: [] },
    { parent: 3, location: place('handler', 'app.js', 5, 'app'), ticks: [[6, 9]] },
  ],
};

/** Three chains of 100 ms, of `owners` in turn, sampled in `node` each millisecond. */
function seen({ node = 2, owners = [7], longestUs = 500, calls = 1500, feature = true }) {
  const starts = [1e6, 2e6, 3e6];
  const turns = starts.flatMap((us) => owners.map((owner, i) => [0, us + (i * 1e5) / owners.length, 1e5 / owners.length, owner]));
  const samples = starts.flatMap((us) => Array.from({ length: 99 }, (_, i) => [0, us + 500 + i * 1000, node]));
  const recording = buildRecording({
    rows: { turns, samples, unpolled: starts.map((us) => [0, us + 100, 99_800, calls, longestUs]) },
    documents: {
      processes: [{ pid: 1, ppid: 0, role: 'target', runtime: 'node', versions: {}, title: '', features: { unpolled: feature } }],
      profiles: [profile],
      sources: [{ file: 'app.js', firstLine: 1, lines: source }],
    },
  });
  return createReader(recording)(starvation);
}

describe('a starved loop', () => {
  it('has a function that begins the next tick, at the line where it does', () => {
    expect(seen({})).toMatchObject([{ location: { function: 'step', line: 3 }, count: 3, medianCalls: 1500 }]);
  });
  it.each([
    ['one long call is a block', { longestUs: 60_000 }],
    ['many owners are a batch of requests', { owners: [1, 2, 3, 4, 5, 6], calls: 60 }],
    ['a handler is called by the loop', { node: 4 }],
  ])('%s', (_, what) => expect(seen(what)).toEqual([]));
  it('is not examined where nobody counted the rounds', () => {
    expect(() => seen({ feature: false })).toThrow("nobody counted the loop's rounds");
  });
});
