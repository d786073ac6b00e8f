import type { Exemplar, Report } from '../src/model/report.js';

/** What a report says beyond the ledger: when, what the slow ones have in common, whom it asks, what stays in memory, who held the thread. */
export function sampleDetails(exemplars: readonly Exemplar[]): Pick<Report, 'felt' | 'contrast' | 'dependencies' | 'memory' | 'exemplars'> {
  return {
    felt: [{ finding: 0, spans: Array.from({ length: 9 }, (_, i): [number, number] => [1 + i * 3, 1.8 + i * 3.1]) }],
    contrast: {
      slow: 59,
      rest: 5932,
      fromMs: 431.2,
      restP50Ms: 3.1,
      attributes: [
        { is: 'waited before its handler began', value: 'yes', slowShare: 0.93, restShare: 0.11 },
        { is: 'route', value: 'GET /products/:id/reviews', slowShare: 0.41, restShare: 0.1 },
        {
          is: 'waited for database execution',
          value: 'select * from reviews where product = ? at src/reviews.ts:31',
          slowShare: 0.4,
          restShare: 0.09,
        },
      ],
    },
    dependencies: [
      { dest: 'postgres://127.0.0.1:5432/shop', kind: 'db', pid: 48120, calls: 12_040, failed: 0, p50Ms: 1.2, p99Ms: 8.4, sumS: 19.2 },
      { dest: 'http://tax.internal:8080', kind: 'http', pid: 48120, calls: 294, failed: 12, p50Ms: 21, p99Ms: 310, sumS: 9.4 },
      { dest: 'redis://127.0.0.1:6379', kind: 'cache', pid: 48120, calls: 5991, failed: 0, p50Ms: 0.2, p99Ms: 1.1, sumS: 1.9 },
    ],
    memory: {
      grownBytes: 24_117_248,
      places: [
        {
          location: { file: 'src/sessions.ts', line: 18, column: 3, function: 'remember', source: 'app' },
          container: 'sessions',
          bytes: 20_971_520,
          share: 0.8696,
          quarters: [5_242_880, 5_242_880, 5_242_880, 5_242_880],
        },
        {
          location: { file: 'node_modules/pg/lib/result.js', line: 92, function: 'addRow', source: 'dependency' },
          bytes: 3_145_728,
          share: 0.1304,
        },
      ],
    },
    exemplars: exemplars.map((exemplar, i) => ({ ...exemplar, ...(i % 3 === 2 ? {} : { lanes: lanesOf(exemplar.wallMs) }) })),
  };
}

function lanesOf(wallMs: number): NonNullable<Exemplar['lanes']> {
  const at = (from: number, length: number): [number, number] => [wallMs * from, wallMs * length];
  return [
    { account: 'arrival', spans: [at(0, 0.6)] },
    { account: 'js/other', detail: 'GET /products/:id/reviews in rankReviews (src/reviews.ts:42)', spans: [at(0, 0.58), at(0.8, 0.1)] },
    { account: 'js/own', spans: [at(0.6, 0.05), at(0.95, 0.04)] },
    { account: 'db/execute', detail: 'select * from cart where id = ? at src/cart.ts:12', spans: [at(0.64, 0.31)] },
    { account: 'js/gc', spans: Array.from({ length: 12 }, (_, i) => at(0.1 + i * 0.05, 0.004)) },
    { account: 'response', spans: [at(0.99, 0.01)] },
  ];
}
