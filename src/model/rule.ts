import type { Change } from './change.js';
import type { Fact, FactReader } from './fact.js';
import type { SourceLocation } from './recording.js';
import type { RuleId } from './units.js';

export type Stage = 'nursery' | 'stable' | 'retired';
export type Symptom = 'latency' | 'throughput' | 'memory' | 'errors' | 'correctness' | 'security' | 'risk';

/** One measured statement. `says` is a full sentence for people; the rest is the same for machines. */
export interface Evidence {
  says: string;
  signal: string;
  value: number;
  unit: string;
  threshold?: number;
  window?: string;
}

export interface Fix {
  says: string;
  code?: string;
  change?: Change;
}

/** One illness found. A rule may find several (two leaks). */
export interface Present {
  confidence: number;
  symptom: Symptom;
  /** Share (0..1) of the symptom that this explains. */
  explainedShare: number;
  /** Which form of the illness, where a rule knows several: `sync-json`. A section of its explain.md. */
  kind?: string;
  /** Where that form has a title of its own; else the rule's. */
  title?: string;
  /** One sentence: what is wrong, where, how much. */
  summary: string;
  route?: string;
  location?: SourceLocation;
  /** Routes that suffer without being the cause. */
  suffers?: string[];
  evidence: Evidence[];
  fixes: Fix[];
}

export type Verdict =
  | { is: 'present'; findings: Present[] }
  | { is: 'absent'; because: Evidence }
  | { is: 'inconclusive'; because: Evidence }
  | { is: 'not-examined'; because: string; enable?: string };

export interface Rule {
  readonly id: RuleId;
  readonly title: string;
  readonly stage: Stage;
  /** Rules it is confused with. One side names the other: `withRelations` makes it mutual. */
  readonly mimics: readonly RuleId[];
  /** Rules whose findings follow from this one. */
  readonly causes: readonly RuleId[];
  /** Rules that this one follows from and that do not say so themselves, because they are older. */
  readonly causedBy?: readonly RuleId[];
  /** Facts without which it can't judge; a missing one makes it `not-examined`. */
  readonly needs: readonly Fact<unknown>[];
  judge(get: FactReader): Verdict;
}
