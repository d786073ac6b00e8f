import type { Change } from './change.js';
import type { AccountId } from './ledger.js';
import type { SourceLocation } from './recording.js';
import type { Symptom } from './rule.js';
import type { Bucket, RuleId } from './units.js';

/** Report JSON, schemaVersion 1. Every output (terminal, HTML, exports) reads only this. docs/report.schema.json is generated beside it. */
export interface Report {
  schemaVersion: 1;
  ddx: { version: string; depth: string; overhead: Overhead };
  target: {
    command: string;
    pid: number;
    port: number | null;
    runtime: string;
    versions: Record<string, string>;
    machine: { platform: string; arch: string; cores: number; cpuModel: string; memoryBytes: number; kernel: string };
    limits: { quotaCores: number | null; memoryBytes: number | null; usableCores: number; poolThreads: number };
    exit: { code: number | null; signal: string | null; stderrTail: string[] } | null;
    processes: number;
  };
  window: {
    startUs: number;
    /** Wall clock at the window's start, milliseconds since 1970; everything else counts on the monotonic clock. */
    startEpochMs: number;
    durationS: number;
    endedBy: string;
    load: { kind: string; ratePerS: number | null; connections: number | null; lagP50Ms: number | null; lagP99Ms: number | null } | null;
  };
  requests: Latency;
  routes: RouteReport[];
  ledger: { overall: LedgerBuckets; [route: string]: LedgerBuckets };
  findings: Finding[];
  /** Findings of rules still in the nursery: shown apart, never an exit code. */
  nursery: Finding[];
  ruledOut: { rule: RuleId; because: string }[];
  notExamined: { rule: RuleId; because: string; enable?: string }[];
  verdict: 'healthy' | 'sick' | 'inconclusive';
  /** One sentence under the verdict; for `inconclusive` why. */
  summary: string;
  /**
   * Chart data: times in seconds from window start, ascending. Key "lane/line" ("latency/p99", "event loop/busy"): lines of one lane share
   * a chart and a unit. Units that outputs know how to write: ms, s, us, bytes, share (0..1), req/s; others are shown as they are.
   */
  series: Record<string, Series>;
  exemplars: Exemplar[];
  /** When the root causes were felt: stretches in which requests that suffer were slow or failed, in seconds from the window's start. */
  felt?: { finding: number; spans: [fromS: number, toS: number][] }[];
  /** The slowest requests beside all others. */
  contrast?: Contrast;
  /** Whom the target asked over connections, by process. */
  dependencies?: Dependency[];
  /** What was allocated in the window and stayed, by place; only where the heap was looked at twice. */
  memory?: MemoryReport;
  profile: ProfileTree | null;
  warnings: string[];
}

/** What ddx cost the target in this run. */
export interface Overhead {
  /** How much was looked at: outside, light, standard or deep. */
  tier: string;
  /** CPU time of the main thread per request that the probe added, 0.03 = 3 %; -1: not known. */
  share: number;
  /** 95 % interval of `share`; both -1 where it is not known. */
  lowShare: number;
  highShare: number;
  /** The same as a share of the main thread's time, which is small where the server is mostly idle; -1: not known. */
  timeShare: number;
  /** How that was found out, or why it could not be. */
  how: string;
  /** Present where the owner ledger would have cost too much and was kept in windows only. */
  sampling?: {
    /** Share of the judged window in which it was kept, 0..1. */
    dutyShare: number;
    windows: number;
    /** Requests that lay within such a window, so that their time could be booked, of all that were timed. */
    bookedRequests: number;
    requests: number;
    /** By so much, at most, may an account's share of the mean request be off because of it (95 %): 0.02 = 2 percentage points. */
    errorShare: number;
  };
  says: string;
}
export interface Latency {
  count: number;
  errors: number;
  rps: number;
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
  p999Ms: number;
  maxMs: number;
}
export interface RouteReport extends Latency {
  route: string;
  statuses: Record<string, number>;
}
export type LedgerBuckets = Partial<Record<Bucket, LedgerReport>>;
export interface LedgerReport {
  requests: number;
  /** Equals the sum of accounts' ms (unattributed among them), exactly at 0.001 ms. */
  measuredMs: number;
  accounts: { account: AccountId; detail?: string; ms: number; share: number }[];
  unattributedMs: number;
  estimatedMs: number;
}
export interface Finding {
  rule: RuleId;
  area: string;
  title: string;
  /** Which form of the illness, where its rule knows several: `sync-json`. */
  kind?: string;
  summary: string;
  role: 'root-cause' | 'consequence' | 'contributing';
  /** The finding this follows from: its index in `findings`. */
  causedBy?: number;
  confidence: number;
  symptom: Symptom;
  explainedShare: number;
  route?: string;
  suffers?: string[];
  location?: SourceLocation & { frame?: CodeFrame };
  evidence: { says: string; signal: string; value: number; unit: string; threshold?: number; window?: string }[];
  causes: RuleId[];
  fixes: {
    says: string;
    code?: string;
    change?: Change;
    prediction?: { metric: string; fromMs: number; toMs: number; lowMs: number; highMs: number };
  }[];
}
/** A few lines round the accused one. */
export interface CodeFrame {
  firstLine: number;
  lines: string[];
  highlight: number;
}
export interface Series {
  unit: string;
  points: [tS: number, value: number][];
}
export interface Exemplar {
  id: string;
  route: string;
  status: number;
  startS: number;
  wallMs: number;
  why: 'slowest' | 'median' | 'fastest';
  accounts: { account: AccountId; detail?: string; ms: number; share: number }[];
  /**
   * What went on when: its own code, what it waited for, and who held the main thread meanwhile. Lanes overlap and do not add up.
   * `spans` in milliseconds from its start.
   */
  lanes?: { account: AccountId; detail?: string; spans: [fromMs: number, forMs: number][] }[];
}
export interface Contrast {
  /** How many are the slow ones: one percent; they take `fromMs` or longer. */
  slow: number;
  rest: number;
  fromMs: number;
  restP50Ms: number;
  /** What is more frequent among them, largest difference first; shares 0..1. */
  attributes: { is: string; value: string; slowShare: number; restShare: number }[];
}
export interface Dependency {
  dest: string;
  kind: string;
  pid: number;
  calls: number;
  failed: number;
  p50Ms: number;
  p99Ms: number;
  sumS: number;
}
export interface MemoryReport {
  grownBytes: number;
  places: { location: SourceLocation; container?: string; bytes: number; share: number; quarters?: number[] }[];
}
/** Flame graph: nodes in preorder; `self` and `total` in samples. */
export interface ProfileTree {
  intervalUs: number;
  totalSamples: number;
  nodes: { parent: number; function: string; file: string; line: number; source: SourceLocation['source']; self: number; total: number }[];
  /**
   * Which node ran when: `nodes[i]` from the end of its predecessor for `us[i]` microseconds, the first from `startS`. Samples that follow
   * one another in the same node are one entry. Bounded: of a long recording only the stretch round its slowest request.
   */
  timeline: { startS: number; nodes: number[]; us: number[] };
}
