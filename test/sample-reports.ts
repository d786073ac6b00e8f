import type { Finding, Latency, Report } from '../src/model/report.js';
import { sampleProfile, sampleSeries } from './sample-charts.js';
import { sampleDetails } from './sample-details.js';
import { blockedLoop, loopConsequence, nurseryFinding, ruledOut, slowTax } from './sample-findings.js';
import { buckets, exemplars, ledger, mixCheckout, mixCulprit, mixHealthy, mixMany, mixOverall, mixSufferer } from './sample-ledgers.js';

/** Realistic Report objects for the tests of every output. Each call returns a fresh object that the caller may change. */

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
  Object.assign(report, sampleDetails(report.exemplars));
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
  report.exemplars = report.exemplars.map((e, i) => ({
    ...e,
    id: name(i),
    route: renamed(e.route),
    ...(e.lanes ? { lanes: e.lanes.map((lane, k) => ({ ...lane, detail: name(i + k) })) } : {}),
  }));
  for (const [i, attribute] of report.contrast!.attributes.entries()) Object.assign(attribute, { is: name(i), value: name(i + 1) });
  for (const [i, asked] of report.dependencies!.entries()) asked.dest = name(i);
  for (const [i, place] of report.memory!.places.entries())
    Object.assign(place, { container: name(i), location: { ...place.location, file: name(i + 1), function: name(i + 2) } });
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
      overhead: {
        tier: 'standard',
        share: 0.021,
        lowShare: 0.008,
        highShare: 0.034,
        timeShare: 0.006,
        how: 'switched off and on 11 times outside the judged window, at least 430 requests each way',
        says: 'took 2.1 % more main-thread CPU time per request, 95 % interval 0.8 % to 3.4 %',
      },
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
      startEpochMs: 1_782_000_003_000,
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
