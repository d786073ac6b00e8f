import { describe, expect, it } from 'vitest';
import { type SiteDocument, type SourceLocation, WaitFlag } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { createReader } from './reader.js';
import { retries } from './retries.js';

const STRINGS = ['GET /offer', 'http', 'http://rates', 'GET /rates/:id'];
const frame = (file: string, line: number): SourceLocation => ({ file, line, function: 'f', source: 'app' });
const SITES: SiteDocument[] = [
  { frames: [frame('client.js', 3), frame('again.js', 6), frame('offer.js', 9)] },
  { frames: [frame('client.js', 3), frame('again.js', 6), frame('offer.js', 9)], asyncFrom: 2 },
];
const { failed, refused } = WaitFlag;

/** Twenty requests of 100 ms. `calls`: when each begins and ends, ms; its flags; what it asks for. */
function seen(calls: (request: number) => [fromMs: number, toMs: number, flags: number, same?: number][]) {
  const requests: number[][] = [];
  const waits: number[][] = [];
  const turns: number[][] = [];
  for (let i = 0; i < 20; i++) {
    const startUs = i * 400_000;
    requests.push([0, i + 1, startUs, startUs + 100_000, 0, 200, 10, 4000 + i, 500, 0]);
    turns.push([0, startUs, 500, i + 1]);
    for (const [n, [fromMs, toMs, flags, same = 7]] of calls(i).entries()) {
      const [fromUs, toUs] = [startUs + fromMs * 1000, startUs + toMs * 1000];
      waits.push([0, i + 1, 1, n === 0 ? 0 : 1, 2, fromUs, toUs, flags, -1, -1, -1, -1, 3, same]);
    }
  }
  const recording = buildRecording({ strings: STRINGS, rows: { requests, waits, turns }, documents: { sites: SITES } });
  return createReader(recording)(retries);
}

describe('retries', () => {
  it('counts calls for one question until it is answered, and names the line that goes on by itself', () => {
    const [found] = seen(() => [[1, 21, refused], [22, 42, failed], [43, 63, refused], [64, 84, 0]]); // biome-ignore format: a series
    expect(found).toMatchObject({
      route: 'GET /offer',
      question: 'GET /rates/:id',
      asked: 20,
      calls: 80,
      failed: 60,
      repeated: 20,
      givenUp: 0,
    });
    expect(found).toMatchObject({ tries: 4, mostTries: 4, pauseMs: 1, pauseGrowth: 1, requestShare: 1, againMs: 63, endsShare: 1 });
    expect(found!.againShare).toBeCloseTo(0.63);
    expect(found!.location).toMatchObject({ file: 'again.js', line: 6 });
  });

  it('sees pauses that grow', () => {
    const [found] = seen(() => [[1, 11, failed], [21, 31, failed], [71, 81, 0]]); // biome-ignore format: a series
    expect(found!.pauseGrowth).toBeCloseTo(41 / 11);
  });

  it('takes what asks for something else for another question', () => {
    const [found] = seen(() => [[1, 11, failed, 1], [12, 22, failed, 2], [23, 33, failed, 3]]); // biome-ignore format: a series
    expect(found).toMatchObject({ asked: 60, calls: 60, repeated: 0 });
  });

  it('tells two questions side by side, each asked again', () => {
    const [found] = seen(() => [[1, 21, failed, 1], [1, 22, failed, 2], [23, 40, 0, 2], [23, 41, 0, 1]]); // biome-ignore format: a series
    expect(found).toMatchObject({ asked: 40, calls: 80, repeated: 40, tries: 2 });
  });

  it('tells a loop over rows from tries by what follows an answer, where numbers do not', () => {
    const rows = seen(() => [[1, 11, failed, -1], [12, 22, 0, -1], [23, 33, failed, -1], [34, 44, 0, -1]]); // biome-ignore format: a series
    expect(rows[0]!.endsShare).toBe(0.5);
    expect(
      seen(() => [
        [1, 11, failed, -1],
        [12, 22, 0, -1],
      ])[0]!.endsShare,
    ).toBe(1);
    expect(
      seen(() => [
        [1, 11, failed, -1],
        [12, 22, failed, -1],
      ])[0]!.endsShare,
    ).toBeNull();
  });
});
