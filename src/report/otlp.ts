import { createHash } from 'node:crypto';
import type { Exemplar, Finding, Report } from '../model/report.js';
import { cleanReport } from './clean.js';

type Value = string | number | boolean;

/**
 * OTLP/JSON as the collector's file exporter writes it and its `otlpjsonfile` receiver reads it: one request per line. Example requests are
 * spans whose accounts are span events (how long, not when: all stand at the span's start), findings are log records, charts are gauges.
 */
export function renderOtlp(raw: Report): string {
  const report = cleanReport(raw);
  const resource = { attributes: attributes(resourceOf(report)) };
  const scope = { name: 'ddx', version: report.ddx.version };
  const lines = [
    { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: report.exemplars.map((exemplar) => span(exemplar, report)) }] }] },
    {
      resourceLogs: [
        { resource, scopeLogs: [{ scope, logRecords: [verdict(report), ...report.findings.map((finding) => log(finding, report))] }] },
      ],
    },
    { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: gauges(report) }] }] },
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Names of OpenTelemetry's semantic conventions where they have one. */
function resourceOf({ target, ddx }: Report): Record<string, Value> {
  return {
    'service.name': 'unknown_service:node',
    'process.pid': target.pid,
    'process.command_line': target.command,
    'process.runtime.description': target.runtime,
    'host.arch': target.machine.arch,
    'os.type': target.machine.platform,
    'ddx.depth': ddx.depth,
  };
}

function span(exemplar: Exemplar, report: Report): object {
  const { id, route, status, startS, wallMs, why, accounts } = exemplar;
  const identity = createHash('sha256')
    .update(JSON.stringify([report.target.pid, report.window.startEpochMs, id]))
    .digest('hex');
  const [, method = '_OTHER', pattern = route] = /^([A-Z]+) (.*)$/s.exec(route) ?? [];
  const start = nanos(report, startS);
  return {
    traceId: identity.slice(0, 32),
    spanId: identity.slice(32, 48),
    name: route,
    kind: 2,
    startTimeUnixNano: start,
    endTimeUnixNano: String(BigInt(start) + BigInt(Math.round(wallMs * 1e6))),
    attributes: attributes({
      'http.request.method': method,
      'http.route': pattern,
      'http.response.status_code': status,
      'ddx.request': id,
      'ddx.chosen_as': why,
    }),
    events: accounts.map(({ account, detail, ms, share }) => ({
      timeUnixNano: start,
      name: 'ddx.account',
      attributes: attributes({
        'ddx.account': account,
        'ddx.ms': ms,
        'ddx.share': share,
        ...(detail === undefined ? {} : { 'ddx.detail': detail }),
      }),
    })),
    status: status === 0 || status >= 500 ? { code: 2 } : {},
  };
}

function verdict(report: Report): object {
  const number = report.verdict === 'healthy' ? INFO : WARN;
  return record(report, number, report.summary, 'ddx.verdict', { 'ddx.verdict': report.verdict });
}

const INFO = 9;
const WARN = 13;
const ERROR = 17;

function log(finding: Finding, report: Report): object {
  const { rule, role, title, confidence, explainedShare, route, location } = finding;
  return record(report, role === 'root-cause' ? ERROR : WARN, finding.summary, 'ddx.finding', {
    'ddx.rule': rule,
    'ddx.title': title,
    'ddx.role': role,
    'ddx.confidence': confidence,
    'ddx.explained_share': explainedShare,
    ...(route === undefined ? {} : { 'http.route': route }),
    ...(location === undefined
      ? {}
      : { 'code.file.path': location.file, 'code.line.number': location.line, 'code.function.name': location.function }),
  });
}

function record(report: Report, severityNumber: number, text: string, eventName: string, values: Record<string, Value>): object {
  const time = nanos(report, report.window.durationS);
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber,
    body: { stringValue: text },
    attributes: attributes({ 'event.name': eventName, ...values }),
  };
}

function gauges(report: Report): object[] {
  return Object.entries(report.series).map(([name, { unit, points }]) => ({
    name: `ddx.${name.replaceAll(/[/ ]+/g, '.')}`,
    unit,
    gauge: { dataPoints: points.map(([tS, asDouble]) => ({ timeUnixNano: nanos(report, tS), asDouble })) },
  }));
}

function attributes(values: Record<string, Value>): object[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : typeof value === 'boolean'
          ? { boolValue: value }
          : Number.isInteger(value)
            ? { intValue: String(value) }
            : { doubleValue: value },
  }));
}

/** 64-bit integers are strings in protobuf's JSON. */
function nanos({ window }: Report, secondsFromStart: number): string {
  const time = BigInt(Math.round(window.startEpochMs)) * 1_000_000n + BigInt(Math.round(secondsFromStart * 1e9));
  return String(time > 0n ? time : 0n);
}
