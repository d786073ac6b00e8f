import { describe, expect, it } from 'vitest';
import { STREAMS } from '../model/recording.js';
import { NO_DOCUMENTS } from './documents.js';
import { ROW_LIMITS } from './format.js';
import { buildRecording } from './memory.js';
import { RollingRecording } from './rolling.js';

const { header } = buildRecording();
const probe = (tUs: number, latencyUs = 5): Float64Array => Float64Array.of(0, tUs, latencyUs);

describe('RollingRecording', () => {
  it('holds what came within its span, and gives it as a recording', () => {
    const rolling = new RollingRecording(header, 1000);
    expect([rolling.intern('a'), rolling.intern('b'), rolling.intern('a')]).toEqual([0, 1, 0]);
    for (const tUs of [0, 500, 1400, 1600]) rolling.append('poolProbe', probe(tUs, tUs / 1.6), tUs);
    const { streams, strings, documents } = rolling.view(NO_DOCUMENTS);
    expect([...streams.poolProbe.tUs]).toEqual([1400, 1600]);
    expect([...streams.poolProbe.latencyUs]).toEqual([875, 1000]);
    expect([strings, documents, streams.requests.rows]).toEqual([['a', 'b'], NO_DOCUMENTS, 0]);
  });

  it('what the probe tried out at its beginning stays', () => {
    const rolling = new RollingRecording(header, 1000);
    rolling.append('trials', Float64Array.of(0, 1, 2, 0, 3, 4), 10);
    rolling.append('trials', Float64Array.of(0, 5, 6, 2, 3, 4), 9_000);
    expect(rolling.view(NO_DOCUMENTS).streams.trials.rows).toBe(2);
  });

  it('never grows beyond its bounds, and tells once how much was lost', () => {
    const rolling = new RollingRecording(header, Number.POSITIVE_INFINITY);
    const rows = 10_000;
    const many = new Float64Array(rows * STREAMS.loop.length);
    for (let i = 0; i < 20; i++) rolling.append('loop', many, i);
    const kept = rolling.view(NO_DOCUMENTS).streams.loop.rows;
    expect(kept).toBeLessThanOrEqual(ROW_LIMITS.loop / 8);
    expect(rolling.takeDropped()).toEqual({ loop: 20 * rows - kept });
    expect(rolling.takeDropped()).toEqual({});
  });

  it('takes no rows of another width', () => {
    const rolling = new RollingRecording(header, 1000);
    rolling.append('poolProbe', Float64Array.of(1, 2), 0);
    expect(rolling.view(NO_DOCUMENTS).streams.poolProbe.rows).toBe(0);
  });
});
