import type { Finding, Report } from '../model/report.js';
import { cleanReport } from './clean.js';

/**
 * JUnit XML, for CI servers: a suite per accused route, a case per rule. A finding is a failure, what was ruled out a success, what was not
 * examined is skipped; an inconclusive report is an error, because nothing measured must not look like nothing found. Ends in a line feed.
 */
export function renderJunit(raw: Report): string {
  const report = cleanReport(raw);
  const byRoute = new Map<string, Finding[]>([[EVERYWHERE, []]]);
  for (const finding of report.findings) {
    const route = finding.route === undefined ? EVERYWHERE : finding.route || '(no name)';
    byRoute.set(route, [...(byRoute.get(route) ?? []), finding]);
  }
  const suites = [...byRoute].map(([route, findings]) => suite(route, findings, report));
  const sum = (count: keyof Counts): number => suites.reduce((total, { counts }) => total + counts[count], 0);
  const counts: Counts = { tests: sum('tests'), failures: sum('failures'), errors: sum('errors'), skipped: sum('skipped') };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="ddx"${attributes({ ...counts, time: report.window.durationS })}>`,
    ...suites.map(({ xml }) => xml),
    '</testsuites>',
    '',
  ].join('\n');
}

const EVERYWHERE = 'all routes';

interface Counts {
  tests: number;
  failures: number;
  errors: number;
  skipped: number;
}

function suite(route: string, findings: readonly Finding[], report: Report): { xml: string; counts: Counts } {
  const whole = route === EVERYWHERE;
  const ruledOut = whole ? report.ruledOut : [];
  const notExamined = whole ? report.notExamined : [];
  const errors = whole && report.verdict === 'inconclusive' ? 1 : 0;
  const cases = [
    ...(whole
      ? [testcase(route, 'verdict', errors > 0 ? [`<error${attributes({ message: report.summary, type: 'inconclusive' })}/>`] : [])]
      : []),
    ...findings.map((finding) => testcase(route, finding.rule, [failure(finding)])),
    ...ruledOut.map(({ rule, because }) => testcase(route, rule, [`<system-out>${escapeXml(because)}</system-out>`])),
    ...notExamined.map(({ rule, because, enable }) =>
      testcase(route, rule, [`<skipped${attributes({ message: enable === undefined ? because : `${because} → ${enable}` })}/>`]),
    ),
  ];
  const counts = { tests: cases.length, failures: findings.length, errors, skipped: notExamined.length };
  const head = attributes({
    name: route,
    ...counts,
    time: report.window.durationS,
    timestamp: new Date(report.window.startEpochMs).toISOString().slice(0, 19),
  });
  return { xml: [`  <testsuite${head}>`, ...cases, '  </testsuite>'].join('\n'), counts };
}

/** No case took time of its own: all were judged on one recording. */
function testcase(route: string, name: string, children: readonly string[]): string {
  const head = `    <testcase${attributes({ name, classname: route, time: 0 })}`;
  return children.length === 0 ? `${head}/>` : `${head}>${children.join('')}</testcase>`;
}

function failure(finding: Finding): string {
  const { location } = finding;
  const text = [
    ...(location ? [`at ${location.function} (${location.file}:${location.line})`] : []),
    ...finding.evidence.map(({ says }) => `- ${says}`),
    ...finding.fixes.map(({ says }) => `Fix: ${says}`),
    `ddx explain ${finding.rule}`,
  ].join('\n');
  return `<failure${attributes({ message: finding.summary, type: `${finding.role}: ${finding.title}` })}>${escapeXml(text)}</failure>`;
}

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
}

/** Line feeds as references, or a reader would make them spaces in attributes. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"'\n]/g, (char) => `&#${char.charCodeAt(0)};`);
}
