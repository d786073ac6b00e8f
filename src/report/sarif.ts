import { createHash } from 'node:crypto';
import { placeWords } from '../model/place.js';
import type { Finding, Report } from '../model/report.js';
import type { RuleId } from '../model/units.js';
import { cleanReport } from './clean.js';
import { findingMarkdown } from './markdown.js';

const LEVELS: Record<Finding['role'], 'error' | 'warning' | 'note'> = {
  'root-cause': 'error',
  contributing: 'warning',
  consequence: 'note',
};

/**
 * SARIF 2.1.0 (OASIS), for code scanning. A finding that points at source is a result; one that does not (a noisy neighbour) has no line
 * to be shown at and is a notification of the run. `explain`: a rule's page as Markdown, where there is one. Ends in a line feed.
 */
export function renderSarif(raw: Report, explain: (rule: RuleId) => string | null = () => null): string {
  const report = cleanReport(raw);
  const rules = [...new Set(report.findings.map(({ rule }) => rule))].sort();
  const placed = report.findings.filter(isPlaced);
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'ddx', version: report.ddx.version, rules: rules.map((rule) => descriptor(rule, report, explain(rule))) } },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { TARGET: { description: { text: 'The working directory of the server that was recorded.' } } },
        invocations: [
          {
            // Of ddx, not of the target: a report was made.
            executionSuccessful: true,
            startTimeUtc: new Date(report.window.startEpochMs).toISOString(),
            toolExecutionNotifications: [
              { level: report.verdict === 'inconclusive' ? 'warning' : 'note', message: { text: `${report.verdict}: ${report.summary}` } },
              ...report.findings
                .filter((finding) => !isPlaced(finding))
                .map((finding) => ({
                  level: LEVELS[finding.role],
                  message: message(finding),
                  associatedRule: { id: finding.rule, index: rules.indexOf(finding.rule) },
                })),
            ],
          },
        ],
        results: placed.map((finding) => result(finding, rules.indexOf(finding.rule))),
        properties: { verdict: report.verdict, requests: report.requests, durationS: report.window.durationS },
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

type Location = NonNullable<Finding['location']>;

function isPlaced(finding: Finding): finding is Finding & { location: Location } {
  const { location } = finding;
  return location !== undefined && location.line > 0 && (location.source === 'app' || location.source === 'dependency');
}

function descriptor(rule: RuleId, report: Report, page: string | null): object {
  const first = report.findings.find((finding) => finding.rule === rule)!;
  return {
    id: rule,
    shortDescription: { text: first.title },
    ...(page === null ? {} : { help: { text: `ddx explain ${rule}`, markdown: page } }),
    properties: { tags: [...new Set([first.area, first.symptom])] },
  };
}

function result(finding: Finding & { location: Location }, ruleIndex: number): object {
  const { location, confidence } = finding;
  const { frame } = location;
  return {
    ruleId: finding.rule,
    ruleIndex,
    kind: 'fail',
    level: LEVELS[finding.role],
    message: message(finding),
    locations: [
      {
        physicalLocation: {
          artifactLocation: uriOf(location.file),
          region: {
            startLine: location.line,
            ...(location.column !== undefined && location.column > 0 ? { startColumn: location.column } : {}),
          },
          ...(frame && frame.lines.length > 0 && frame.firstLine > 0
            ? {
                contextRegion: {
                  startLine: frame.firstLine,
                  endLine: frame.firstLine + frame.lines.length - 1,
                  snippet: { text: frame.lines.join('\n') },
                },
              }
            : {}),
        },
        ...(location.function ? { logicalLocations: [{ name: location.function, kind: 'function' }] } : {}),
      },
    ],
    // What stays the same when lines move and milliseconds differ.
    partialFingerprints: { 'ruleRouteFunction/v1': hash([finding.rule, finding.route ?? '', location.file, location.function]) },
    rank: Math.max(0, Math.min(100, Math.round(confidence * 100))),
    properties: {
      role: finding.role,
      ...(finding.kind === undefined ? {} : { kind: finding.kind }),
      explainedShare: finding.explainedShare,
      ...(finding.route === undefined ? {} : { route: finding.route }),
      evidence: finding.evidence,
      fixes: finding.fixes.map(({ says }) => says),
    },
  };
}

function message(finding: Finding): { text: string; markdown: string } {
  const parts = [finding.summary, ...finding.evidence.map(({ says }) => says), ...finding.fixes.map(({ says }) => `Fix: ${says}`)];
  const where = finding.location && !isPlaced(finding) ? [`At ${placeWords(finding.location)}.`] : [];
  return { text: [...parts, ...where].join('\n') || finding.title, markdown: findingMarkdown(finding) };
}

/** Relative where the file lies below the target's working directory, as in the report; SARIF wants URIs. */
function uriOf(file: string): { uri: string; uriBaseId?: string } {
  const path = file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
  if (file.startsWith('/')) return { uri: `file://${path}` };
  if (/^[A-Za-z]:[\\/]/.test(file)) return { uri: `file:///${path.replace('%3A', ':')}` };
  return { uri: path, uriBaseId: 'TARGET' };
}

function hash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
