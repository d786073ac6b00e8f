import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Report } from '../src/model/report.js';
import { renderCpuProfile } from '../src/report/cpuprofile.js';
import { renderGithub } from '../src/report/github.js';
import { renderHtml } from '../src/report/html.js';
import { renderJson } from '../src/report/json.js';
import { renderJunit } from '../src/report/junit.js';
import { renderMarkdown } from '../src/report/markdown.js';
import { renderOtlp } from '../src/report/otlp.js';
import { renderPprof } from '../src/report/pprof.js';
import { renderSarif } from '../src/report/sarif.js';
import { renderSpeedscope } from '../src/report/speedscope.js';
import { renderTerminal } from '../src/report/terminal.js';
import { cells } from '../src/report/text.js';
import { renderTrace } from '../src/report/trace.js';
import { commandsOf, otlpProblems, pprofOf, traceProblems } from './formats/readers.js';
import { cpuProfileProblems, junitProblems, sarifProblems, speedscopeProblems } from './formats/schemas.js';
import { sickReport } from './sample-reports.js';

/** What an attacker would call a route, a function or a file. */
const hostile = fc.oneof(
  fc.constantFrom(
    '<img src=x onerror=alert(1)>',
    ']]></failure><script>alert(1)</script>',
    '"/><x y="',
    '\u001b[2J\u001b]0;owned\u0007\u009b31m',
    '\u202egpj.exe\u2066\u200f\u200b',
    '\n::error file=x::owned\n',
    '%0A::stop-commands::x',
    '&#10;&lt;![CDATA[<!--',
    '\ud800 half \udfff',
    '\u0000\u0008\ufffe\uffff',
    '../../etc/passwd',
    'C:\\temp\\x.js',
    'file:///x?y#z',
    '__proto__',
    '',
    ' ',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('x', '<', '\u001b[31m', '漢', '\u202e').map((char) => char.repeat(1_000_000 / char.length)),
);

/** Words that outputs decide by, and that no target chooses. */
const OURS = new Set([
  ...['role', 'source', 'verdict', 'account', 'why', 'symptom', 'rule', 'area', 'unit', 'signal', 'metric', 'tier', 'depth', 'version'],
  ...['kind', 'endedBy'],
]);

/** Every text and every key of a map, replaced by one of `texts` in turn. */
function poisoned(report: Report, texts: readonly string[]): Report {
  let next = 0;
  // A recording holds names of 2,048 characters at most; a few of a megabyte show that no output minds.
  const text = (): string => texts[next++ % texts.length]!.slice(0, next < 300 && next % 50 === 0 ? 1_000_000 : 2048);
  const poison = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return OURS.has(key) ? value : text();
    if (Array.isArray(value)) return key === 'causes' ? value : value.map((item) => poison(item, key));
    if (typeof value !== 'object' || value === null) return value;
    const isMap = ['ledger', 'series', 'versions', 'statuses'].includes(key);
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        isMap && name !== 'overall' ? `${next}${text().slice(0, 5000)}` : name,
        poison(item, name),
      ]),
    );
  };
  return poison(report, '') as Report;
}

/** C0 and C1 controls but the line feed, bidirectional and invisible characters, halves of pairs. */
const OBEYED = /[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|(?!\n)\p{Cc}/u;
const TEMPLATE = readFileSync(new URL('../src/ui/index.html', import.meta.url), 'utf8');

/** What is wrong with any output of a report; JUnit's XML apart, whose reader is slow to start. */
function problems(report: Report): string[] {
  const found: string[] = [];
  const check = (kind: string, wrong: readonly string[]): void => void found.push(...wrong.map((problem) => `${kind}: ${problem}`));
  const sarif = renderSarif(report, () => '# page');
  const [speedscope, cpuprofile, trace, otlp] = [
    renderSpeedscope(report),
    renderCpuProfile(report),
    renderTrace(report),
    renderOtlp(report),
  ];
  check('sarif', sarifProblems(JSON.parse(sarif)));
  check('speedscope', speedscopeProblems(JSON.parse(speedscope)));
  check('cpuprofile', cpuProfileProblems(JSON.parse(cpuprofile)));
  check('trace', traceProblems(JSON.parse(trace)));
  check('otlp', otlpProblems(otlp));
  const github = renderGithub(report);
  const commands = commandsOf(github);
  check(
    'github',
    commands.length === Math.min(10, report.findings.filter(({ role }) => role !== 'consequence').length) ? [] : ['a command too many'],
  );
  const pprof = pprofOf(renderPprof(report));
  const terminal = renderTerminal(report, { color: false, unicode: true, width: 80, ruledOut: true });
  check('terminal', terminal.split('\n').some((line) => cells(line) > 80) ? ['a line that is too wide'] : []);
  const html = renderHtml(report, TEMPLATE);
  check('html', html.match(/<script|<img|<svg/g)?.length === 2 ? [] : ['markup']);
  const packed = gunzipSync(Buffer.from(/id="ddx-data">([^<]*)/.exec(html)![1]!, 'base64')).toString();
  const texts = {
    sarif,
    speedscope,
    cpuprofile,
    trace,
    otlp,
    github,
    terminal,
    html,
    packed,
    markdown: renderMarkdown(report),
    json: renderJson(report),
  };
  for (const [kind, text] of Object.entries({ ...texts, pprof: JSON.stringify(pprof.samples) }))
    if (OBEYED.test(text)) found.push(`${kind}: ${JSON.stringify(OBEYED.exec(text))}`);
  return found;
}

test('whatever things are called, every output is valid and nothing in it is obeyed', async () => {
  const junit: string[] = [];
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 12 }), (texts) => {
      const report = poisoned(sickReport(), texts);
      expect(problems(report)).toEqual([]);
      junit.push(renderJunit(report));
    }),
    { numRuns: 8 },
  );
  expect(await junitProblems(junit)).toEqual([]);
  expect(junit.filter((xml) => OBEYED.test(xml))).toEqual([]);
}, 60_000);

test('numbers that are none, dates that no calendar has', async () => {
  const report = sickReport();
  report.window.startEpochMs = Number.NaN;
  report.window.durationS = Number.POSITIVE_INFINITY;
  report.findings[0]!.confidence = Number.NaN;
  report.findings[0]!.location!.line = Number.NaN;
  report.exemplars[0]!.wallMs = Number.NaN;
  report.profile!.nodes[3]!.self = Number.NaN;
  report.profile!.timeline.us[2] = Number.NaN;
  expect(problems(report)).toEqual([]);
  expect(await junitProblems([renderJunit(report)])).toEqual([]);
});
