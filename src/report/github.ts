import type { Finding, Report } from '../model/report.js';
import { cleanReport } from './clean.js';

/** GitHub shows ten annotations of each level per step, and no more. */
const MOST_ANNOTATIONS = 10;

/**
 * Workflow commands that GitHub Actions turns into annotations: one for each root cause and for what contributes, at its line where that
 * is the user's own; consequences go away with their cause. Lines end in line feeds.
 */
export function renderGithub(raw: Report): string {
  const report = cleanReport(raw);
  const told = report.findings.filter(({ role }) => role !== 'consequence').slice(0, MOST_ANNOTATIONS);
  const lines = [
    ...told.map((finding) =>
      command(finding.role === 'root-cause' ? 'error' : 'warning', { ...place(finding), title: `ddx: ${finding.title}` }, says(finding)),
    ),
    ...(report.verdict === 'inconclusive' ? [command('warning', { title: 'ddx: not enough to say' }, report.summary)] : []),
    ...(report.verdict === 'healthy' ? [command('notice', { title: 'ddx: healthy' }, report.summary)] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function says(finding: Finding): string {
  return [
    finding.summary,
    ...finding.evidence.map((evidence) => `- ${evidence.says}`),
    ...finding.fixes.slice(0, 1).map((fix) => `Fix: ${fix.says}`),
    `ddx explain ${finding.rule}`,
  ].join('\n');
}

/** Only what can lie in the repository. */
function place({ location }: Finding): Record<string, string> {
  if (location?.source !== 'app' || location.line < 1 || /^(?:\/|[A-Za-z]:[\\/])/.test(location.file)) return {};
  return {
    file: location.file,
    line: String(location.line),
    ...(location.column === undefined || location.column < 1 ? {} : { col: String(location.column) }),
  };
}

/** `::name key=value,...::message` with the escapes of the runner: nothing in a value ends it, or begins a command of its own. */
function command(name: string, properties: Record<string, string>, message: string): string {
  const list = Object.entries(properties).map(
    ([key, value]) => `${key}=${escapeData(value).replaceAll(':', '%3A').replaceAll(',', '%2C')}`,
  );
  return `::${name} ${list.join(',')}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
