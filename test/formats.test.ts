import { describe, expect, test } from 'vitest';
import type { Finding, Report } from '../src/model/report.js';
import { renderCpuProfile } from '../src/report/cpuprofile.js';
import { renderGithub } from '../src/report/github.js';
import { renderJunit } from '../src/report/junit.js';
import { renderOtlp } from '../src/report/otlp.js';
import { renderPprof } from '../src/report/pprof.js';
import { renderSarif } from '../src/report/sarif.js';
import { renderSpeedscope } from '../src/report/speedscope.js';
import { renderTrace } from '../src/report/trace.js';
import { commandsOf, otlpProblems, pprofOf, traceProblems } from './formats/readers.js';
import { cpuProfileProblems, junitProblems, sarifProblems, speedscopeProblems } from './formats/schemas.js';
import { goldenReports } from './golden-reports.js';
import { SAMPLES, sickReport } from './sample-reports.js';

const goldens = await goldenReports();
const reports = [
  ...goldens.map(({ name, report }) => [name, report] as const),
  ...Object.entries(SAMPLES)
    .filter(([name]) => name !== 'huge')
    .map(([name, make]) => [name, make()] as const),
];

/** Seconds of CPU in a report's call tree. */
const cpuUs = ({ profile }: Report): number => (profile?.nodes ?? []).reduce((sum, { self }) => sum + self, 0) * (profile?.intervalUs ?? 0);
const hasPlace = ({ location }: Finding): boolean =>
  location !== undefined && location.line > 0 && ['app', 'dependency'].includes(location.source);

describe.each(reports)('%s', (_, report) => {
  test('SARIF: valid; every finding is a result or a notification', () => {
    const log = JSON.parse(renderSarif(report, () => '# page'));
    expect(sarifProblems(log)).toEqual([]);
    const [run] = log.runs;
    expect(run.results).toHaveLength(report.findings.filter(hasPlace).length);
    expect(run.invocations[0].toolExecutionNotifications).toHaveLength(1 + report.findings.filter((finding) => !hasPlace(finding)).length);
    for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
  });

  test('GitHub: one annotation per root cause', () => {
    const commands = commandsOf(renderGithub(report));
    const roots = report.findings.filter(({ role }) => role === 'root-cause').length;
    expect(commands.filter(({ name }) => name === 'error')).toHaveLength(Math.min(10, roots));
    if (report.verdict === 'healthy') expect(commands).toMatchObject([{ name: 'notice', properties: { title: 'ddx: healthy' } }]);
  });

  test('pprof: decoded, it holds the whole profile', () => {
    const { types, samples } = pprofOf(renderPprof(report));
    expect(types).toEqual(['samples/count', 'cpu/nanoseconds']);
    expect(samples.reduce((sum, { values }) => sum + values[1]!, 0)).toBeCloseTo(cpuUs(report) * 1000, -4);
    expect(samples).toHaveLength(report.profile?.nodes.filter(({ self }) => self > 0).length ?? 0);
  });

  test('speedscope: valid; weights are what was measured', () => {
    const file = JSON.parse(renderSpeedscope(report));
    expect(speedscopeProblems(file)).toEqual([]);
    for (const { samples, weights } of file.profiles) {
      expect(samples).toHaveLength(weights.length);
      expect(samples.flat().filter((frame: number) => !file.shared.frames[frame])).toEqual([]);
    }
    const whole = file.profiles.find(({ name }: { name: string }) => name === 'CPU profile, whole window');
    expect(whole?.endValue ?? 0).toBe(cpuUs(report));
  });

  test('cpuprofile: valid by the DevTools protocol; a tree with one root', () => {
    const profile = JSON.parse(renderCpuProfile(report));
    expect(cpuProfileProblems(profile)).toEqual([]);
    const ids: number[] = profile.nodes.map(({ id }: { id: number }) => id);
    const children: number[] = profile.nodes.flatMap((node: { children: number[] }) => node.children);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...children].sort((a, b) => a - b)).toEqual(ids.slice(1));
    expect(profile.samples.filter((id: number) => !(id >= 1 && id <= ids.length))).toEqual([]);
    expect(profile.samples).toHaveLength(profile.timeDeltas.length);
    expect(profile.startTime + profile.timeDeltas.reduce((sum: number, us: number) => sum + us, 0)).toBeLessThanOrEqual(profile.endTime);
  });

  test('trace: events as documented, slices that nest', () => {
    const trace = JSON.parse(renderTrace(report));
    expect([...new Set(traceProblems(trace))]).toEqual([]);
    const requests = trace.traceEvents.filter(({ cat }: { cat?: string }) => cat === 'request');
    expect(requests).toHaveLength(report.exemplars.length);
  });

  test('OTLP: the protocol knows every field; a span per example request', () => {
    const text = renderOtlp(report);
    expect(otlpProblems(text)).toEqual([]);
    const [traces, logs] = text.split('\n');
    const { spans } = JSON.parse(traces!).resourceSpans[0].scopeSpans[0];
    expect(spans).toHaveLength(report.exemplars.length);
    expect(new Set(spans.map(({ spanId }: { spanId: string }) => spanId)).size).toBe(new Set(report.exemplars.map(({ id }) => id)).size);
    expect(JSON.parse(logs!).resourceLogs[0].scopeLogs[0].logRecords).toHaveLength(1 + report.findings.length);
  });
});

test('JUnit: valid; findings fail, what was ruled out passes, what was not examined is skipped', async () => {
  expect(await junitProblems(reports.map(([, report]) => renderJunit(report)))).toEqual([]);
  const report = sickReport();
  const xml = renderJunit(report);
  expect(xml.match(/<failure /g)).toHaveLength(report.findings.length);
  expect(xml.match(/<skipped /g)).toHaveLength(report.notExamined.length);
  expect(xml).not.toContain('<error ');
  expect(renderJunit(SAMPLES['inconclusive']!())).toContain('errors="1"');
  const tests = 1 + report.findings.length + report.ruledOut.length + report.notExamined.length;
  expect(xml).toContain(`<testsuites name="ddx" tests="${tests}" failures="${report.findings.length}"`);
});

test('the readers refuse what is wrong', async () => {
  const sarif = JSON.parse(renderSarif(sickReport()));
  sarif.runs[0].results[0].lvl = 'error';
  expect(sarifProblems(sarif)).not.toEqual([]);
  expect(speedscopeProblems({ ...JSON.parse(renderSpeedscope(sickReport())), shared: {} })).not.toEqual([]);
  expect(cpuProfileProblems({ ...JSON.parse(renderCpuProfile(sickReport())), began: 1 })).not.toEqual([]);
  expect(await junitProblems([renderJunit(sickReport()).replace('classname', 'class')])).not.toEqual([]);
  expect(otlpProblems(renderOtlp(sickReport()).replaceAll('startTimeUnixNano', 'startTime'))).not.toEqual([]);
  expect(() => commandsOf(`${renderGithub(sickReport())}done\n`)).toThrow('no command');
});

test('a finding keeps its SARIF fingerprint when its line moves and its numbers change', () => {
  const print = (report: Report): unknown => JSON.parse(renderSarif(report)).runs[0].results[0].partialFingerprints;
  const moved = sickReport();
  moved.findings[0]!.location!.line += 40;
  moved.findings[0]!.confidence = 0.5;
  expect(print(moved)).toEqual(print(sickReport()));
  moved.findings[0]!.route = 'GET /elsewhere';
  expect(print(moved)).not.toEqual(print(sickReport()));
});
