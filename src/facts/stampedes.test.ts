import { describe, expect, it } from 'vitest';
import type { SourceLocation } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { createReader } from './reader.js';
import { stampedes } from './stampedes.js';

const STRINGS = ['GET /figures', 'http', 'http://figures', 'GET /figures/:id'];
const frame = (file: string, line: number): SourceLocation => ({ file, line, function: 'f', source: 'app' });
const SITES = [{ frames: [frame('src/client.js', 2), frame('src/page.js', 5), frame('src/kept.js', 4)] }];
const SOURCES = [
  {
    file: 'src/kept.js',
    firstLine: 1,
    lines: ['const kept = new Map();', '', 'async function get() {', '  if (entry.until > Date.now()) return;'],
  },
];

/** A request every 20 ms for 10 s; those for which `asks` gives a length ask for it, `same` says for what. */
function seen(asks: (i: number) => number, same: (i: number) => number = () => 1) {
  const requests: number[][] = [];
  const waits: number[][] = [];
  const turns: number[][] = [];
  for (let i = 0; i < 500; i++) {
    const startUs = i * 20_000 + 100;
    const ms = asks(i);
    requests.push([0, i + 1, startUs, startUs + 2000 + ms * 1000, 0, 200, 10, 4000 + i, 500, 0]);
    turns.push([0, startUs, 500, i + 1]);
    if (ms > 0) waits.push([0, i + 1, 1, 0, 2, startUs + 500, startUs + 500 + ms * 1000, 0, -1, -1, -1, -1, 3, same(i)]);
  }
  const recording = buildRecording({ strings: STRINGS, rows: { requests, waits, turns }, documents: { sites: SITES, sources: SOURCES } });
  return createReader(recording)(stampedes);
}

describe('stampedes', () => {
  it('counts who asks for what is asked already, and how much more often than otherwise', () => {
    // Expires every second: five come before the first answer is there.
    const [found] = seen((i) => (i % 50 < 5 ? 95 : 0));
    expect(found).toMatchObject({ route: 'GET /figures', question: 'GET /figures/:id', exact: true, calls: 50, extra: 40, rushes: 10 });
    expect(found).toMatchObject({ perRush: 5, mostInRush: 5, joiningShare: 1, callMs: 95, quickMs: 95 });
    expect(found!.answeredShare).toBeCloseTo(0.9);
    expect(found!.lift).toBeCloseTo(40 / 0.95 / (10 / 9.05), 0);
    expect(found!.slowestShare).toBe(1);
  });

  it('names the function that decides whether what is kept still holds', () => {
    expect(seen((i) => (i % 50 < 5 ? 95 : 0))[0]!.location).toMatchObject({ file: 'src/kept.js', line: 4 });
  });

  it('sees nothing too many where each asks for something else', () => {
    const [found] = seen(
      (i) => (i % 50 < 5 ? 95 : 0),
      (i) => i,
    );
    expect(found).toMatchObject({ extra: 0, rushes: 0, perRush: 0 });
  });

  it('finds no tie where all ask all the time, or some at any time', () => {
    expect(seen(() => 90)[0]!.answeredShare).toBe(0);
    expect(seen(() => 90)[0]!.lift).toBeLessThan(2);
    // A fixed third, spread over the time.
    expect(seen((i) => ((i * 7919) % 3 === 0 ? 90 : 0))[0]!.lift).toBeLessThan(3);
  });
});
