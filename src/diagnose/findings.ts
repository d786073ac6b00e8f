import type { Recording, SourceLocation } from '../model/recording.js';
import type { CodeFrame, Finding } from '../model/report.js';
import type { Examination } from './examine.js';
import { type Related, relate } from './relate.js';

/** Findings of stable rules with their roles, and those of nursery rules apart: a nursery rule never explains away a stable one. */
export function findingsOf(recording: Recording, examination: Examination): { findings: Finding[]; nursery: Finding[] } {
  const shown = (stage: 'stable' | 'nursery') =>
    relate(examination.present.filter(({ rule }) => rule.stage === stage)).map((related) => toFinding(recording, related));
  return { findings: shown('stable'), nursery: shown('nursery') };
}

function toFinding(recording: Recording, { rule, found, role, causedBy }: Related): Finding {
  return {
    rule: rule.id,
    area: rule.id.split('/')[0]!,
    title: found.title ?? rule.title,
    ...(found.kind === undefined ? {} : { kind: found.kind }),
    summary: found.summary,
    role,
    ...(causedBy === undefined ? {} : { causedBy }),
    confidence: round(found.confidence, 2),
    symptom: found.symptom,
    explainedShare: round(Math.min(1, found.explainedShare), 3),
    ...(found.route === undefined ? {} : { route: found.route }),
    ...(found.suffers === undefined ? {} : { suffers: found.suffers }),
    ...(found.location ? { location: withFrame(recording, found.location) } : {}),
    evidence: found.evidence.map((evidence) => ({ ...evidence, value: round(evidence.value, 4) })),
    causes: [...rule.causes],
    fixes: found.fixes,
  };
}

const LINES_AROUND = 2;

function withFrame(recording: Recording, location: SourceLocation): NonNullable<Finding['location']> {
  const frame = codeFrame(recording, location);
  return frame ? { ...location, frame } : location;
}

function codeFrame(recording: Recording, { file, line }: SourceLocation): CodeFrame | null {
  for (const source of recording.documents.sources) {
    const index = line - source.firstLine;
    if (source.file !== file || index < 0 || index >= source.lines.length) continue;
    const from = Math.max(0, index - LINES_AROUND);
    return { firstLine: source.firstLine + from, lines: source.lines.slice(from, index + LINES_AROUND + 1), highlight: line };
  }
  return null;
}

export function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
