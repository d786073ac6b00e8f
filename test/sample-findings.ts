import type { Finding, Report } from '../src/model/report.js';

/** What rules say in the sample reports. */

export function blockedLoop(): Finding {
  return {
    rule: 'runtime/event-loop-blocked',
    area: 'runtime',
    title: 'The event loop is blocked by rankReviews',
    summary:
      'Each call of GET /products/:id/reviews sorts all reviews of the shop on the main thread, 212 ms at a time. No other request is served meanwhile.',
    role: 'root-cause',
    confidence: 0.97,
    symptom: 'latency',
    explainedShare: 0.93,
    route: 'GET /products/:id/reviews',
    suffers: ['GET /products', 'GET /cart', 'POST /checkout'],
    location: {
      file: 'src/reviews.ts',
      line: 42,
      column: 18,
      function: 'rankReviews',
      source: 'app',
      frame: {
        firstLine: 39,
        highlight: 42,
        lines: [
          'export function rankReviews(reviews: Review[], product: string): Review[] {',
          '  const own = reviews.filter((review) => review.product === product);',
          '  // newest and most helpful first',
          '  const sorted = reviews.toSorted((a, b) => score(b, own) - score(a, own));',
          '  return sorted.slice(0, 20);',
          '}',
        ],
      },
    },
    evidence: [
      {
        says: 'The main thread ran 601 stretches longer than 50 ms, the longest 231 ms, all of them in rankReviews.',
        signal: 'loop.longestStretchMs',
        value: 231.4,
        unit: 'ms',
        threshold: 50,
        window: '30 s',
      },
      {
        says: 'Requests to other routes that arrived meanwhile took 188 ms longer at p90 than those that did not.',
        signal: 'latency.behindBlockMs',
        value: 188.2,
        unit: 'ms',
      },
      {
        says: 'The main thread was busy 94 % of the time.',
        signal: 'loop.utilisation',
        value: 0.94,
        unit: 'share',
        threshold: 0.8,
        window: '30 s',
      },
    ],
    causes: ['memory/gc-pressure'],
    fixes: [
      {
        says: 'Rank only the reviews of this product; 20 of 48,000 are kept anyway.',
        code: 'const sorted = own.toSorted((a, b) => score(b, own) - score(a, own));',
        change: { kind: 'scale-account', account: 'js/own', detail: 'rankReviews', factor: 0.02 },
        prediction: { metric: 'p99 of GET /products', fromMs: 398, toMs: 11.2, lowMs: 8.9, highMs: 15 },
      },
      { says: 'If the whole list must be ranked, do it in a worker thread (piscina) or when a review is written.' },
    ],
  };
}

export function loopConsequence(): Finding {
  return {
    rule: 'memory/gc-pressure',
    area: 'memory',
    title: 'The garbage collector runs often',
    summary: 'Copying 48,000 reviews per call makes 310 MB of garbage per second; collections take 6 % of the main thread.',
    role: 'consequence',
    causedBy: 0,
    confidence: 0.88,
    symptom: 'latency',
    explainedShare: 0.06,
    location: { file: 'src/reviews.ts', line: 42, function: 'rankReviews', source: 'app' },
    evidence: [
      { says: '1,804 collections took 1.9 s of 30 s.', signal: 'gc.share', value: 0.063, unit: 'share', threshold: 0.05, window: '30 s' },
    ],
    causes: [],
    fixes: [{ says: 'Goes away with the cause above.' }],
  };
}

export function slowTax(): Finding {
  return {
    rule: 'network/slow-downstream',
    area: 'network',
    title: 'The tax service answers slowly',
    summary: 'POST /checkout waits 24 ms of its 31 ms (median) for http://127.0.0.1:9081/tax.',
    role: 'contributing',
    confidence: 0.81,
    symptom: 'latency',
    explainedShare: 0.12,
    route: 'POST /checkout',
    location: {
      file: 'src/checkout.ts',
      line: 17,
      function: 'taxOf',
      source: 'app',
      frame: {
        firstLine: 16,
        highlight: 17,
        lines: [
          'async function taxOf(cart: Cart): Promise<number> {',
          '  const answer = await fetch(`${TAX_URL}/tax?sum=${cart.sum}`);',
          '  return (await answer.json()).tax;',
        ],
      },
    },
    evidence: [
      { says: '294 calls took 24 ms (p50) and 61 ms (p99).', signal: 'http.p50Ms', value: 24, unit: 'ms' },
      { says: '12 calls failed with ECONNRESET; each became a 503.', signal: 'http.failed', value: 12, unit: 'count' },
    ],
    causes: [],
    fixes: [
      {
        says: 'Tax per country changes seldom: keep it for some minutes.',
        code: 'const tax = await taxes.get(cart.country, () => fetchTax(cart.country));',
      },
    ],
  };
}

export function nurseryFinding(): Finding {
  return {
    rule: 'http/no-keep-alive',
    area: 'http',
    title: 'Connections to the tax service are not reused',
    summary: '281 of 294 calls opened a connection of their own (0.4 ms each).',
    role: 'contributing',
    confidence: 0.62,
    symptom: 'latency',
    explainedShare: 0.01,
    location: { file: 'src/checkout.ts', line: 17, function: 'taxOf', source: 'app' },
    evidence: [{ says: '281 connections for 294 calls.', signal: 'http.connections', value: 281, unit: 'count' }],
    causes: [],
    fixes: [{ says: 'Share one Agent with keepAlive: true.' }],
  };
}

export function ruledOut(): Report['ruledOut'] {
  return [
    { rule: 'memory/heap-leak', because: 'The heap after collections went from 58 to 59 MB in 30 s (slope 0.02 MB/s, not told from 0).' },
    { rule: 'threads/oversubscription', because: '1.1 threads wanted to run on 4 cores on average.' },
    { rule: 'threads/pool-starvation', because: 'A tiny fs.stat took 0.3 ms (p99); none of the 4 libuv threads was waited for.' },
    { rule: 'cpu/noisy-neighbour', because: 'Other programs used 3 % of the machine.' },
    { rule: 'memory/limit-near', because: 'RSS 181 MB of 16 GB.' },
    { rule: 'database/pool-starvation', because: 'No request waited for a connection.' },
    { rule: 'network/dns-slow', because: '0.8 ms per look-up, 12 look-ups.' },
    { rule: 'http/slow-reader', because: 'Every response was taken within 2 ms.' },
  ];
}
