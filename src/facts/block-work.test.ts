import { describe, expect, it } from 'vitest';
import type { Block } from '../ledger/blocks.js';
import { buildRecording } from '../recording/memory.js';
import { lineOfWork, steadyPeriodMs } from './block-work.js';

const at = (startMs: number, owner = 0): Block => ({
  proc: 0,
  owner,
  startUs: startMs * 1000,
  endUs: startMs * 1000 + 80_000,
  cpuUs: 80_000,
  gcUs: 0,
  hot: null,
  location: null,
  caught: 0,
  label: 'rebuild (a.js:1)',
  nodes: [],
});

describe('the period of blocks', () => {
  it('is that of a timer, also where one was late or not seen', () => {
    expect(steadyPeriodMs([at(0), at(600), at(1210), at(1800), at(3000), at(3600)])).toBe(600);
  });
  it.each([
    ['no request may own them', [at(0, 1), at(600, 2), at(1200, 3), at(1800, 4), at(2400, 5)]],
    ['three are too few', [at(0), at(600), at(1200)]],
    ['work that comes when it comes has none', [at(0), at(250), at(1200), at(1500), at(3100), at(3300)]],
  ])('%s', (_, list) => expect(steadyPeriodMs(list)).toBeNull());
});

describe('the line that does the work', () => {
  const lines = ['export function load() {', '  const known = cache.get();', '  return known ?? JSON.parse(text);', '}'];
  const recording = buildRecording({ documents: { sources: [{ file: 'src/load.js', firstLine: 1, lines }] } });
  const place = (line: number) => ({ file: 'src/load.js', line, function: 'a', source: 'app' as const });
  it.each([
    ['is found below the first line of a function whose lines are not known', 1, 'JSON.parse', 3],
    ['stays where the text shows it', 3, 'JSON.parse', 3],
    ['stays where the text shows none', 1, 'JSON.stringify', 1],
    ['stays where the work has no name', 2, null, 2],
  ])('%s', (_, line, name, expected) => {
    expect(lineOfWork(recording, place(line), { kind: 'sync-json', name })?.line).toBe(expected);
  });
});
