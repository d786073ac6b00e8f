import type { LedgerBuckets, LedgerReport, Report } from '../src/model/report.js';
import { BUCKETS } from '../src/model/units.js';

/** Ledgers and single requests of the sample reports. */

type Account = LedgerReport['accounts'][number];
type Mix = (total: number) => [Account['account'], number, string | undefined][];

export const mixSufferer: Mix = (ms) => [
  ['js/other', ms * 0.871, 'GET /products/:id/reviews: rankReviews src/reviews.ts:42'],
  ['js/other', ms * 0.021, 'GET /products/:id/reviews: score src/reviews.ts:51'],
  ['js/gc', ms * 0.046, undefined],
  ['js/own', ms * 0.024, 'listProducts src/products.ts:12'],
  ['js/runtime', ms * 0.007, undefined],
  ['cpu/run-queue', ms * 0.008, 'neighbours'],
  ['response', ms * 0.004, undefined],
];
export const mixCulprit: Mix = (ms) => [
  ['js/own', ms * 0.52, 'rankReviews src/reviews.ts:42'],
  ['js/other', ms * 0.38, 'GET /products/:id/reviews: rankReviews src/reviews.ts:42'],
  ['js/gc', ms * 0.061, undefined],
  ['cpu/run-queue', ms * 0.012, undefined],
];
export const mixCheckout: Mix = (ms) => [
  ['js/other', ms * 0.64, 'GET /products/:id/reviews: rankReviews src/reviews.ts:42'],
  ['http/response', ms * 0.22, 'http://127.0.0.1:9081'],
  ['net/connect', ms * 0.02, 'http://127.0.0.1:9081'],
  ['js/own', ms * 0.05, 'checkout src/checkout.ts:31'],
  ['js/gc', ms * 0.03, undefined],
];
export const mixOverall: Mix = (ms) => [
  ['js/other', ms * 0.74, 'GET /products/:id/reviews: rankReviews src/reviews.ts:42'],
  ['js/own', ms * 0.12, 'rankReviews src/reviews.ts:42'],
  ['http/response', ms * 0.03, 'http://127.0.0.1:9081'],
  ['js/gc', ms * 0.05, undefined],
  ['cpu/run-queue', ms * 0.01, undefined],
];
export const mixHealthy: Mix = (ms) => [
  ['js/own', ms * 0.41, 'listProducts src/products.ts:12'],
  ['js/other', ms * 0.18, 'GET /products: listProducts src/products.ts:12'],
  ['js/runtime', ms * 0.16, undefined],
  ['http/response', ms * 0.12, 'http://127.0.0.1:9081'],
  ['response', ms * 0.04, undefined],
];
export const mixMany: Mix = (ms) => [
  ...mixCheckout(ms * 0.5),
  ...Array.from({ length: 40 }, (_, i): [Account['account'], number, string] => [
    'db/execute',
    (ms * 0.4) / 40,
    `select ${'x'.repeat(300)} ${i}`,
  ]),
  ['wait/lock', ms * 0.03, 'mutex'],
  ['wait/timer', ms * 0.004, 'sleep'],
];

export function buckets(totals: Record<(typeof BUCKETS)[number], number>, mix: Mix): LedgerBuckets {
  // The median request of a sick route is fine: the illness shows in the tail.
  return Object.fromEntries(
    BUCKETS.map((bucket) => {
      const parts = totals[bucket] < 20 ? mixHealthy(totals[bucket]) : mix(totals[bucket]);
      return [bucket, ledger(totals[bucket], parts, bucket === 'max' ? 1 : bucket === 'p99' ? 36 : 1198)];
    }),
  );
}

/** What the parts leave over is unattributed; all in whole microseconds. */
export function ledger(totalMs: number, parts: ReturnType<Mix>, requests: number): LedgerReport {
  const totalUs = Math.round(totalMs * 1000);
  const booked = parts.map(([account, ms, detail]) => ({ account, detail, us: Math.floor(ms * 1000) }));
  const restUs = totalUs - booked.reduce((sum, part) => sum + part.us, 0);
  const entry = (account: Account['account'], us: number, detail?: string): Account => ({
    account,
    ...(detail === undefined ? {} : { detail }),
    ms: us / 1000,
    share: us / totalUs,
  });
  const accounts = booked.map((part) => entry(part.account, part.us, part.detail)).sort((a, b) => b.ms - a.ms);
  return {
    requests,
    measuredMs: totalUs / 1000,
    accounts: [...accounts, entry('unattributed', restUs)],
    unattributedMs: restUs / 1000,
    estimatedMs: totalUs / 40_000,
  };
}

export function exemplars(): Report['exemplars'] {
  const made: [string, string, number, number, number, Report['exemplars'][number]['why'], Mix][] = [
    ['1:4821', 'GET /products/:id/reviews', 200, 17.31, 618.204, 'slowest', mixCulprit],
    ['1:4830', 'GET /products', 200, 17.36, 561.02, 'slowest', mixSufferer],
    ['1:4829', 'GET /cart', 200, 17.35, 540.3, 'slowest', mixSufferer],
    ['1:4807', 'POST /checkout', 503, 17.22, 502.7, 'slowest', mixCheckout],
    ['1:1210', 'GET /products', 200, 6.02, 2.4, 'median', mixHealthy],
    ['1:2207', 'GET /products/:id/reviews', 200, 11.08, 214.2, 'median', mixCulprit],
    ['1:998', 'GET /cart', 304, 4.9, 0.7, 'fastest', mixHealthy],
  ];
  return made.map(([id, routeName, status, startS, wallMs, why, mix]) => ({
    id,
    route: routeName,
    status,
    startS,
    wallMs,
    why,
    accounts: ledger(wallMs, mix(wallMs), 1).accounts,
  }));
}
