import { describe, expect, it } from 'vitest';
import { RULES } from '../rules/index.js';
import { diagnose } from '../src/diagnose/report.js';
import { UNKNOWN_PROCESS } from '../src/recording/documents.js';
import { buildRecording } from '../src/recording/memory.js';

/** More than a function takes as arguments (some 120,000 on V8's default stack). */
const REQUESTS = 150_000;
const EVERY_US = 1000;
const process = {
  ...UNKNOWN_PROCESS,
  pid: 1,
  runtime: 'node',
  versions: { node: '22.0.0' },
  features: { requests: true, owners: true, profile: true },
};

/** One route that asks another service once and takes 5 ms; the last ones are never answered. */
function minutesOfTraffic(openFrom: number) {
  const rows = { requests: [] as number[][], waits: [] as number[][], turns: [] as number[][], client: [] as number[][] };
  for (let i = 0; i < REQUESTS; i++) {
    const atUs = i * EVERY_US;
    const open = i >= openFrom;
    const endUs = open ? REQUESTS * EVERY_US : atUs + 5000;
    rows.requests.push([0, i + 1, atUs, endUs, 0, open ? 0 : 200, 10, 4000, 100, open ? 1 : 0]);
    rows.waits.push([0, i + 1, 1, 0, 2, atUs + 100, endUs - 100, open ? 2 : 0]);
    rows.turns.push([0, atUs, 100, i + 1]);
    rows.client.push([atUs, atUs, endUs, endUs, 0, open ? 0 : 200, -1, 4000, 10]);
  }
  return rows;
}

describe('a recording of minutes at a high rate', () => {
  it.each([
    ['that goes well', REQUESTS],
    ['that ends in silence', 145_000],
  ])(
    '%s is judged by every rule',
    (_, openFrom) => {
      const frames = [{ file: 'server.js', line: 4, function: 'load', source: 'app' as const }];
      const recording = buildRecording({
        strings: ['GET /a', 'http', 'http://other'],
        rows: minutesOfTraffic(openFrom),
        documents: { processes: [process], sites: [{ frames }] },
      });
      recording.documents.session!.windowEndUs = REQUESTS * EVERY_US;
      const report = diagnose(recording, RULES);
      expect(report.requests.count).toBe(REQUESTS);
    },
    120_000,
  );
});
