import { contrast } from '../facts/contrast.js';
import { dependencies } from '../facts/dependencies.js';
import { type HeapGrowth, heapGrowth } from '../facts/heap-growth.js';
import { type LatencyOf, latency } from '../facts/latency.js';
import { ledgers } from '../facts/ledgers.js';
import { optional } from '../facts/reader.js';
import { type Window, window } from '../facts/window.js';
import type { FactReader } from '../model/fact.js';
import type { Recording, SessionDocument } from '../model/recording.js';
import type { Latency, MemoryReport, Report } from '../model/report.js';
import type { Rule } from '../model/rule.js';
import { type Examination, examine } from './examine.js';
import { exemplarsOf } from './exemplars.js';
import { feltOf } from './felt.js';
import { findingsOf, round } from './findings.js';
import { ledgerBuckets } from './ledger-report.js';
import { overheadOf } from './overhead.js';
import { profileTree } from './profile-tree.js';
import { seriesOf } from './series.js';
import { judge } from './verdict.js';

/** Routes listed; a recording may hold hundreds. */
const MOST_ROUTES = 60;

/** The whole diagnosis of a recording. Pure: the same recording and rules give the same report, whenever and wherever. */
export function diagnose(recording: Recording, rules: readonly Rule[]): Report {
  const examination = examine(recording, rules);
  const { get } = examination;
  const { findings, nursery } = findingsOf(recording, examination);
  const view = optional(get, window);
  const latencies = view ? get(latency) : null;
  const routes = [...(latencies?.routes ?? [])].slice(0, MOST_ROUTES);
  const booked = view ? get(ledgers) : null;
  const overall = latencies ? latencyReport(latencies.overall) : NO_LATENCY;
  const durationS = view ? round(view.durationUs / 1e6, 3) : 0;
  const exemplars = view ? exemplarsOf(get) : [];
  return {
    schemaVersion: 1,
    ddx: { version: recording.header.ddxVersion, depth: recording.header.depth, overhead: overheadOf(recording, get) },
    target: targetOf(recording, view?.session),
    window: windowOf(recording, view, durationS),
    requests: overall,
    routes: routes.map(([route, value]) => ({ route, ...latencyReport(value), statuses: value.statuses })),
    ledger: {
      overall: ledgerBuckets(booked?.overall ?? []),
      ...Object.fromEntries(routes.map(([route]) => [route, ledgerBuckets(booked?.routes.get(route) ?? [])])),
    },
    findings,
    nursery,
    ...silence(examination),
    ...judge(findings, examination, overall.count, durationS, latencies?.overall.unanswered),
    series: view ? seriesOf(recording, get) : {},
    exemplars,
    ...(view ? { ...details(recording, get), felt: feltOf(findings, get) } : {}),
    profile: view ? profileTree(recording, view, (exemplars[0]?.startS ?? 0) * 1e6) : null,
    warnings: warningsOf(recording, view?.session),
  };
}

const MOST_DEPENDENCIES = 40;
const MOST_PLACES = 12;

function details(recording: Recording, get: FactReader): Pick<Report, 'contrast' | 'dependencies' | 'memory'> {
  const compared = optional(get, contrast);
  const asked = optional(get, dependencies) ?? [];
  const grown = optional(get, heapGrowth);
  return {
    ...(compared ? { contrast: { ...compared, fromMs: round(compared.fromMs, 3), restP50Ms: round(compared.restP50Ms, 3) } } : {}),
    dependencies: asked
      .slice(0, MOST_DEPENDENCIES)
      .map(({ proc, p50Ms, p99Ms, sumS, ...rest }) => ({
        ...rest,
        pid: recording.documents.processes[proc]?.pid ?? -1,
        p50Ms: round(p50Ms, 3),
        p99Ms: round(p99Ms, 3),
        sumS: round(sumS, 3),
      })),
    ...(grown ? { memory: memoryOf(grown) } : {}),
  };
}

function memoryOf({ totalBytes, sites }: HeapGrowth): MemoryReport {
  return {
    grownBytes: Math.round(totalBytes),
    places: sites
      .slice(0, MOST_PLACES)
      .map(({ location, container, bytes, share, quarters }) => ({
        location,
        ...(container === null ? {} : { container }),
        bytes: Math.round(bytes),
        share: round(share, 4),
        ...(quarters ? { quarters: quarters.map(Math.round) } : {}),
      })),
  };
}

const NO_LATENCY: Latency = { count: 0, errors: 0, rps: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 };

function latencyReport(value: LatencyOf): Latency {
  return {
    count: value.count,
    errors: value.errors,
    rps: round(value.perS, 2),
    p50Ms: round(value.p50Ms, 3),
    p90Ms: round(value.p90Ms, 3),
    p99Ms: round(value.p99Ms, 3),
    p999Ms: round(value.p999Ms, 3),
    maxMs: round(value.maxMs, 3),
  };
}

function targetOf(recording: Recording, session: SessionDocument | undefined): Report['target'] {
  const { header, documents } = recording;
  const main = documents.processes.find((process) => process.role === 'target') ?? documents.processes[0];
  return {
    command: header.target.command.join(' '),
    pid: main?.pid ?? header.target.pid,
    port: header.target.port,
    runtime: main?.runtime ?? 'unknown',
    versions: main?.versions ?? {},
    machine: header.machine,
    limits: session?.limits ?? { quotaCores: null, memoryBytes: null, usableCores: header.machine.cores, poolThreads: 4 },
    exit: session?.targetExit ? { ...session.targetExit, stderrTail: session.stderrTail } : null,
    processes: documents.processes.length,
  };
}

/** A file may claim any date; this one, in 2255, still fits the nanoseconds that traces count in. */
const LAST_EPOCH_MS = 9e12;

function windowOf({ header }: Recording, view: Window | null, durationS: number): Report['window'] {
  const session = view?.session;
  const startUs = view?.startUs ?? 0;
  const lag = session?.generatorLag;
  return {
    startUs,
    startEpochMs: Math.max(0, Math.min(LAST_EPOCH_MS, Math.round(header.clock.wallEpochMs + startUs / 1000))),
    durationS,
    endedBy: session?.end ?? 'unknown',
    load: session?.load
      ? {
          kind: session.load.kind,
          ratePerS: session.load.ratePerS,
          connections: session.load.connections,
          lagP50Ms: lag ? round(lag.p50Us / 1000, 3) : null,
          lagP99Ms: lag ? round(lag.p99Us / 1000, 3) : null,
        }
      : null,
  };
}

function silence(examination: Examination): Pick<Report, 'ruledOut' | 'notExamined'> {
  return {
    ruledOut: examination.absent.map(({ rule, because }) => ({ rule: rule.id, because: because.says })),
    notExamined: [
      ...examination.notExamined.map(({ rule, because, enable }) => ({
        rule: rule.id,
        because,
        ...(enable === undefined ? {} : { enable }),
      })),
      ...examination.inconclusive.map(({ rule, because }) => ({ rule: rule.id, because: `inconclusive: ${because.says}` })),
    ],
  };
}

function warningsOf(recording: Recording, session: SessionDocument | undefined): string[] {
  const dropped = Object.entries(session?.dropped ?? {}).filter(([, rows]) => rows > 0);
  return [
    ...recording.warnings,
    ...dropped.map(
      ([stream, rows]) => `${rows} rows of "${stream}" were dropped to stay within bounds; what they would have shown is missing.`,
    ),
    ...(session?.sources ?? [])
      .filter((source) => !source.active)
      .map((source) => `${source.name} was not recorded: ${source.because ?? 'not available here'}`),
  ];
}
