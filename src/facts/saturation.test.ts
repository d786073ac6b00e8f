import { describe, expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { createReader } from './reader.js';
import { saturation } from './saturation.js';

const STRINGS = ['GET /sign', ''];

/** Requests of 5 ms each, one every `everyUs`, served in order. */
function served(everyUs: number, kind: 'open' | 'closed' = 'open') {
  const client: number[][] = [];
  const requests: number[][] = [];
  const turns: number[][] = [];
  let freeUs = 0;
  for (let i = 0; i * everyUs < 10e6; i++) {
    const sentUs = i * everyUs;
    const startUs = Math.max(freeUs, sentUs);
    freeUs = startUs + 5000;
    if (freeUs > 10e6) break;
    client.push([sentUs, sentUs, freeUs, freeUs, 0, 200, -1, 4000 + i, 2]);
    requests.push([0, i + 1, startUs, freeUs, 0, 200, 2, 4000 + i, 5000, 0]);
    turns.push([0, startUs, 5000, i + 1]);
  }
  const recording = buildRecording({ strings: STRINGS, rows: { client, requests, turns } });
  recording.documents.session!.load = { kind, ratePerS: 1e6 / everyUs, connections: null, routes: [] };
  return createReader(recording)(saturation);
}

describe('saturation', () => {
  it('sees short turns that come faster than they are done', () => {
    const seen = served(4500);
    expect(seen.computingShare).toBeGreaterThan(0.95);
    expect(seen.queue).toMatchObject({ route: 'GET /sign', bucket: 'p50' });
  });
  it('leaves a thread alone that is busy three quarters of the time', () => {
    const seen = served(6700);
    expect(seen.computingShare).toBeGreaterThan(0.7);
    expect(seen.queue).toBeNull();
  });
  it('does not hold against a server that clients who wait for their answers fill it', () => {
    expect(served(4500, 'closed').queue).toBeNull();
  });
});
