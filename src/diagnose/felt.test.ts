import { expect, test } from 'vitest';
import { createReader } from '../facts/reader.js';
import type { Finding } from '../model/report.js';
import { buildRecording } from '../recording/memory.js';
import { feltOf } from './felt.js';

/** Ten requests a second to two routes; GET /a takes 5 ms, and 400 ms from 3 s to 4 s and at 7 s; GET /b fails at 8 s. */
const recording = buildRecording({
  strings: ['GET /a', 'GET /b'],
  rows: {
    requests: Array.from({ length: 100 }, (_, i) => {
      const startUs = i * 100_000;
      const slow = (i >= 30 && i < 40) || i === 70;
      const route = i % 10 === 0 && !slow ? 1 : 0;
      return [0, i + 1, startUs, startUs + (slow ? 400_000 : 5_000), route, i === 80 ? 500 : 200, 1, 5000, 100, 0];
    }),
  },
});
const get = createReader(recording);
const finding = (more: Partial<Finding>): Finding => ({
  ...{ rule: 'cpu/x', area: 'cpu', title: '', summary: '', role: 'root-cause', confidence: 1, symptom: 'latency', explainedShare: 1 },
  ...{ evidence: [], causes: [], fixes: [] },
  ...more,
});

test('a root cause is felt while requests that suffer from it are slow', () => {
  expect(feltOf([finding({ route: 'GET /a' })], get)).toEqual([
    {
      finding: 0,
      spans: [
        [3, 4.3],
        [7, 7.4],
      ],
    },
  ]);
});

test('or fail; what follows, and what concerns the memory, is felt at no moment of its own', () => {
  const findings = [finding({ role: 'consequence' }), finding({ symptom: 'memory' }), finding({ symptom: 'errors', suffers: ['GET /b'] })];
  expect(feltOf(findings, get)).toEqual([{ finding: 2, spans: [[8, 8.005]] }]);
});
