import type { Finding, Latency, LedgerBuckets, LedgerReport, Report } from '../src/model/report.js';
import { BUCKETS } from '../src/model/units.js';
import { sampleProfile, sampleSeries } from './sample-charts.js';

/** Realistic Report objects for the tests of every output. Each call returns a fresh object that the caller may change. */

type Account = LedgerReport['accounts'][number];

/** A small shop whose product page sorts reviews synchronously: everything behind it waits. */
export function sickReport(): Report {
  const report = base();
  report.verdict = 'sick';
  report.summary =
    'rankReviews (src/reviews.ts:42) holds the main thread for 212 ms at a time; while it runs, every other request waits. It explains 93 % of the latency of GET /products/:id/reviews and 88 % of GET /cart.';
  report.requests = latency(5991, 12, 199.7, [3.1, 188, 431, 512, 618]);
  report.routes = [
    route('GET /products', latency(3594, 0, 119.8, [2.4, 174, 398, 480, 561]), { 200: 3594 }),
    route('GET /cart', latency(1502, 0, 50.1, [2.1, 169, 402, 466, 540]), { 200: 1490, 304: 12 }),
    route('GET /products/:id/reviews', latency(601, 0, 20, [214, 388, 574, 603, 618]), { 200: 601 }),
    route('POST /checkout', latency(294, 12, 9.8, [31, 214, 471, 502, 502]), { 201: 282, 503: 12 }),
  ];
  report.ledger = {
    overall: buckets({ p50: 3.1, p90: 188, p99: 448.117, max: 618.204 }, mixOverall),
    'GET /products': buckets({ p50: 2.4, p90: 174, p99: 411.386, max: 561.02 }, mixSufferer),
    'GET /cart': buckets({ p50: 2.1, p90: 169, p99: 409.9, max: 540.3 }, mixSufferer),
    'GET /products/:id/reviews': buckets({ p50: 214.2, p90: 388.1, p99: 581.77, max: 618.204 }, mixCulprit),
    'POST /checkout': buckets({ p50: 31.5, p90: 214.6, p99: 480.01, max: 502.7 }, mixCheckout),
  };
  report.findings = [blockedLoop(), loopConsequence(), slowTax()];
  report.nursery = [nurseryFinding()];
  report.ruledOut = ruledOut();
  report.notExamined = [
    {
      rule: 'cpu/quota-throttled',
      because: 'The cgroup files of the target cannot be read.',
      enable: 'Run ddx in the same container, or as the same user.',
    },
    { rule: 'database/missing-index', because: 'No database client was seen.' },
  ];
  report.warnings = ['The generator sent 1.2 % of its requests more than 5 ms late: the machine was busy.'];
  return report;
}

export function healthyReport(): Report {
  const report = base();
  report.verdict = 'healthy';
  report.summary = 'Nothing found. 7 conditions were examined and ruled out; the main thread was busy 31 % of the time.';
  report.requests = latency(6003, 0, 200.1, [2.2, 4.8, 9.7, 14.2, 21.4]);
  report.routes = [
    route('GET /products', latency(3602, 0, 120.1, [2.1, 4.2, 8.9, 12.8, 17.9]), { 200: 3602 }),
    route('GET /cart', latency(1501, 0, 50, [1.7, 3.1, 6.2, 9.1, 12.2]), { 200: 1501 }),
    route('POST /checkout', latency(900, 0, 30, [4.4, 7.9, 14.1, 18.8, 21.4]), { 201: 900 }),
  ];
  report.ledger = {
    overall: buckets({ p50: 2.2, p90: 4.8, p99: 11.204, max: 21.4 }, mixHealthy),
    'GET /products': buckets({ p50: 2.1, p90: 4.2, p99: 9.871, max: 17.9 }, mixHealthy),
    'GET /cart': buckets({ p50: 1.7, p90: 3.1, p99: 7.02, max: 12.2 }, mixHealthy),
    'POST /checkout': buckets({ p50: 4.4, p90: 7.9, p99: 15.3, max: 21.4 }, mixHealthy),
  };
  report.ruledOut = [
    { rule: 'runtime/event-loop-blocked', because: 'The longest stretch without a pause was 11 ms; the loop was idle 69 % of the time.' },
    ...ruledOut(),
  ];
  report.series = sampleSeries('calm', report.window.durationS);
  return report;
}

/** The target died after two seconds. */
export function inconclusiveReport(): Report {
  const report = base();
  report.verdict = 'inconclusive';
  report.summary =
    'Only 14 requests were answered before the target exited, and 61 % of their time is unattributed. Fix the crash below, then record again for at least 10 s.';
  report.window = { ...report.window, durationS: 1.9, endedBy: 'target-exit' };
  report.requests = latency(14, 9, 7.4, [41, 96, 133, 133, 133]);
  report.routes = [route('GET /products', latency(14, 9, 7.4, [41, 96, 133, 133, 133]), { 200: 5, 500: 9 })];
  report.ledger = {
    overall: { p50: ledger(41, [['js/own', 12, undefined]], 3) },
    'GET /products': { p50: ledger(41, [['js/own', 12, undefined]], 3) },
  };
  report.target.exit = {
    code: 1,
    signal: null,
    stderrTail: [
      'Error: connect ECONNREFUSED 127.0.0.1:5432',
      '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)',
      '    at async warmUp (src/db.ts:18:3)',
    ],
  };
  report.ruledOut = [];
  report.notExamined = ruledOut().map(({ rule }) => ({
    rule,
    because: '14 requests are too few.',
    enable: 'Record for longer: --for 30s',
  }));
  report.series = {};
  report.profile = null;
  report.exemplars = [];
  report.warnings = ['The recording ended early: the target exited with code 1.'];
  return report;
}

/** Nobody sent anything. */
export function emptyReport(): Report {
  const report = base();
  report.verdict = 'inconclusive';
  report.summary = 'No request arrived in 30 s. Send some (--rate 50), or record for longer (--for 2min).';
  report.window.load = null;
  report.series = {};
  report.profile = null;
  report.exemplars = [];
  report.notExamined = ruledOut().map(({ rule }) => ({ rule, because: 'No request was seen.', enable: 'Give a load: --rate 50' }));
  return report;
}

/** Everything whose text comes from a target is what an attacker would put there. */
export function hostileReport(): Report {
  const evil = [
    '<img src=x onerror="globalThis.pwned=1">',
    '</script><script>globalThis.pwned=1</script>',
    '\u001b]0;owned\u0007\u001b[2J\u001b[31mred\u001b[0m',
    '\u202egpj.exe\u2066\u200f|`*_[a](javascript:globalThis.pwned=1)',
    '"><svg onload=globalThis.pwned=1>${globalThis.pwned=1}{{constructor}}',
    '@everyone\n# heading\n\n---\n<!--',
    '__proto__',
    'constructor',
  ];
  const name = (i: number): string => evil[i % evil.length]!;
  const report = sickReport();
  const rename = new Map(report.routes.map((r, i) => [r.route, `GET /${name(i)}`]));
  const renamed = (old: string): string => rename.get(old) ?? old;
  report.target.command = `node ${evil.join(' ')}`;
  report.target.versions = Object.fromEntries(evil.map((text) => [text, text]));
  report.summary = `${report.summary} ${evil.join(' ')}`;
  report.routes = report.routes.map((r) => ({ ...r, route: renamed(r.route) }));
  const { overall, ...perRoute } = report.ledger;
  report.ledger = { overall, ...Object.fromEntries(Object.entries(perRoute).map(([key, value]) => [renamed(key), value])) };
  for (const [route, perBucket] of Object.entries(report.ledger))
    for (const bucket of Object.values(perBucket))
      for (const [i, account] of bucket.accounts.entries()) account.detail = `${name(i)} ${route}`;
  for (const finding of [...report.findings, ...report.nursery]) {
    finding.title += ` ${name(0)}`;
    finding.summary += ` ${evil.join(' ')}`;
    if (finding.route !== undefined) finding.route = renamed(finding.route);
    if (finding.suffers) finding.suffers = finding.suffers.map(renamed);
    if (finding.location) {
      finding.location.file = name(1);
      finding.location.function = name(2);
      if (finding.location.frame) finding.location.frame.lines = finding.location.frame.lines.map((line, i) => line + name(i));
    }
    for (const evidence of finding.evidence) evidence.says += name(3);
    for (const fix of finding.fixes) Object.assign(fix, { says: fix.says + name(4), code: `${fix.code ?? ''}\n${evil.join('\n')}` });
  }
  report.ruledOut = report.ruledOut.map((r, i) => ({ ...r, because: `${r.because} ${name(i)}` }));
  report.exemplars = report.exemplars.map((e, i) => ({ ...e, id: name(i), route: renamed(e.route) }));
  report.profile!.nodes = report.profile!.nodes.map((node, i) => (i === 0 ? node : { ...node, function: name(i), file: name(i + 1) }));
  report.series = Object.fromEntries(Object.entries(report.series).map(([key, value], i) => [i < 6 ? `${key} ${name(i)}` : key, value]));
  report.warnings = evil;
  report.target.exit = { code: 1, signal: null, stderrTail: evil };
  return report;
}

/** 400 routes with long names, 60 findings, a deep profile: nothing may break or take forever. */
export function hugeReport(): Report {
  const report = sickReport();
  const long = '/segment'.repeat(40);
  report.routes = Array.from({ length: 400 }, (_, i) =>
    route(
      `GET /api/v${i % 7}${i === 3 ? 'x'.repeat(1_000_000) : long}/${i}`,
      latency(1_000_000 + i, i * 3, 33_333.3, [3, 190 + i, 400 + i, 900 + i, 90_000 + i]),
      { 200: 1_000_000 + i },
    ),
  );
  report.requests = latency(400_079_800, 239_400, 13_335_993, [3, 190, 600, 1_300, 90_399]);
  report.ledger = {
    overall: report.ledger.overall,
    ...Object.fromEntries(
      report.routes.slice(0, 200).map((r) => [r.route, buckets({ p50: 3, p90: 190, p99: 612.5, max: 90_399 }, mixMany)]),
    ),
  };
  report.findings = Array.from({ length: 60 }, (_, i) => ({
    ...blockedLoop(),
    role: i < 20 ? 'root-cause' : i < 50 ? 'consequence' : 'contributing',
    ...(i >= 20 && i < 50 ? { causedBy: i - 20 } : {}),
    route: report.routes[i]!.route,
    suffers: report.routes.slice(i, i + 40).map((r) => r.route),
  })) as Finding[];
  report.ruledOut = Array.from({ length: 80 }, (_, i) => ({
    rule: `network/condition-${i}` as const,
    because: `${i} of ${i * 1000} were late.`,
  }));
  report.exemplars = Array.from({ length: 200 }, (_, i) => ({ ...report.exemplars[i % report.exemplars.length]!, id: `r${i}` }));
  report.profile = sampleProfile(20_000);
  report.series = sampleSeries('sick', 3600);
  return report;
}

export const SAMPLES: Record<string, () => Report> = {
  sick: sickReport,
  healthy: healthyReport,
  inconclusive: inconclusiveReport,
  empty: emptyReport,
  hostile: hostileReport,
  huge: hugeReport,
};

function base(): Report {
  return {
    schemaVersion: 1,
    ddx: {
      version: '0.1.0',
      depth: 'standard',
      overhead: { share: 0.021, says: 'used 2.1 % of the main thread, measured by the probe itself' },
    },
    target: {
      command: 'node --enable-source-maps dist/server.js',
      pid: 48120,
      port: 3000,
      runtime: 'node 22.23.3',
      versions: { node: '22.23.3', v8: '12.4.254', express: '5.3.0', uv: '1.51.0', openssl: '3.5.4' },
      machine: { platform: 'linux', arch: 'x64', cores: 4, cpuModel: 'Example CPU 3.1 GHz', memoryBytes: 17_179_869_184, kernel: '6.12.0' },
      limits: { quotaCores: null, memoryBytes: null, usableCores: 4, poolThreads: 4 },
      exit: null,
      processes: 1,
    },
    window: {
      startUs: 3_000_000,
      durationS: 30,
      endedBy: 'duration',
      load: { kind: 'open', ratePerS: 200, connections: null, lagP50Ms: 0.2, lagP99Ms: 1.9 },
    },
    requests: latency(0, 0, 0, [0, 0, 0, 0, 0]),
    routes: [],
    ledger: { overall: {} },
    findings: [],
    nursery: [],
    ruledOut: [],
    notExamined: [],
    verdict: 'healthy',
    summary: '',
    series: sampleSeries('sick', 30),
    exemplars: exemplars(),
    profile: sampleProfile(400),
    warnings: [],
  };
}

function blockedLoop(): Finding {
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

function loopConsequence(): Finding {
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

function slowTax(): Finding {
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

function nurseryFinding(): Finding {
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

function ruledOut(): Report['ruledOut'] {
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

type Mix = (total: number) => [Account['account'], number, string | undefined][];

const mixSufferer: Mix = (ms) => [
  ['js/other', ms * 0.871, 'GET /products/:id/reviews: rankReviews src/reviews.ts:42'],
  ['js/other', ms * 0.021, 'GET /products/:id/reviews: score src/reviews.ts:51'],
  ['js/gc', ms * 0.046, undefined],
  ['js/own', ms * 0.024, 'listProducts src/products.ts:12'],
  ['js/runtime', ms * 0.007, undefined],
  ['cpu/run-queue', ms * 0.008, 'neighbours'],
  ['response', ms * 0.004, undefined],
];
const mixCulprit: Mix = (ms) => [
  ['js/own', ms * 0.52, 'rankReviews src/reviews.ts:42'],
  ['js/other', ms * 0.38, 'GET /products/:id/reviews: rankReviews src/reviews.ts:42'],
  ['js/gc', ms * 0.061, undefined],
  ['cpu/run-queue', ms * 0.012, undefined],
];
const mixCheckout: Mix = (ms) => [
  ['js/other', ms * 0.64, 'GET /products/:id/reviews: rankReviews src/reviews.ts:42'],
  ['http/response', ms * 0.22, 'http://127.0.0.1:9081'],
  ['net/connect', ms * 0.02, 'http://127.0.0.1:9081'],
  ['js/own', ms * 0.05, 'checkout src/checkout.ts:31'],
  ['js/gc', ms * 0.03, undefined],
];
const mixOverall: Mix = (ms) => [
  ['js/other', ms * 0.74, 'GET /products/:id/reviews: rankReviews src/reviews.ts:42'],
  ['js/own', ms * 0.12, 'rankReviews src/reviews.ts:42'],
  ['http/response', ms * 0.03, 'http://127.0.0.1:9081'],
  ['js/gc', ms * 0.05, undefined],
  ['cpu/run-queue', ms * 0.01, undefined],
];
const mixHealthy: Mix = (ms) => [
  ['js/own', ms * 0.41, 'listProducts src/products.ts:12'],
  ['js/other', ms * 0.18, 'GET /products: listProducts src/products.ts:12'],
  ['js/runtime', ms * 0.16, undefined],
  ['http/response', ms * 0.12, 'http://127.0.0.1:9081'],
  ['response', ms * 0.04, undefined],
];
const mixMany: Mix = (ms) => [
  ...mixCheckout(ms * 0.5),
  ...Array.from({ length: 40 }, (_, i): [Account['account'], number, string] => [
    'db/execute',
    (ms * 0.4) / 40,
    `select ${'x'.repeat(300)} ${i}`,
  ]),
  ['wait/lock', ms * 0.03, 'mutex'],
  ['wait/timer', ms * 0.004, 'sleep'],
];

function buckets(totals: Record<(typeof BUCKETS)[number], number>, mix: Mix): LedgerBuckets {
  // The median request of a sick route is fine: the illness shows in the tail.
  return Object.fromEntries(
    BUCKETS.map((bucket) => {
      const parts = totals[bucket] < 20 ? mixHealthy(totals[bucket]) : mix(totals[bucket]);
      return [bucket, ledger(totals[bucket], parts, bucket === 'max' ? 1 : bucket === 'p99' ? 36 : 1198)];
    }),
  );
}

/** What the parts leave over is unattributed; all in whole microseconds. */
function ledger(totalMs: number, parts: ReturnType<Mix>, requests: number): LedgerReport {
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

function exemplars(): Report['exemplars'] {
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

function route(name: string, numbers: Latency, statuses: Record<string, number>): Report['routes'][number] {
  return { route: name, ...numbers, statuses };
}

function latency(
  count: number,
  errors: number,
  rps: number,
  [p50Ms, p90Ms, p99Ms, p999Ms, maxMs]: [number, number, number, number, number],
): Latency {
  return { count, errors, rps, p50Ms, p90Ms, p99Ms, p999Ms, maxMs };
}
