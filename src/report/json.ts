import type { Report } from '../model/report.js';

/**
 * The Report as one JSON document, ending in a line feed. Same report, same bytes: maps whose keys come from the target are sorted.
 * A number that is not finite can't be written in JSON: it becomes 0, and a warning in the document says where.
 */
export function renderJson(report: Report): string {
  const text = JSON.stringify(finite(sortedMaps(report)), null, 2);
  return `${text.replace(OBEYED, escaped)}\n`;
}

/** Characters that JSON may hold as they are but a terminal or an eye obeys: C1 controls, bidirectional and invisible ones. */
const OBEYED = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

function escaped(char: string): string {
  return Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
}

/** A copy without NaN and infinities; never touches its argument. */
export function finite(report: Report): Report {
  const bad: string[] = [];
  const copy = replaceNonFinite(report, '', bad) as Report;
  if (bad.length === 0) return copy;
  const places = bad.slice(0, 5).join(', ') + (bad.length > 5 ? ` and ${bad.length - 5} more` : '');
  return { ...copy, warnings: [...copy.warnings, `Not a finite number, shown as 0: ${places}.`] };
}

function replaceNonFinite(value: unknown, path: string, bad: string[]): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    bad.push(path);
    return 0;
  }
  if (Array.isArray(value)) return value.map((item, i) => replaceNonFinite(item, `${path}[${i}]`, bad));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, replaceNonFinite(item, path === '' ? key : `${path}.${key}`, bad)]));
}

function sortedMaps(report: Report): Report {
  const { overall, ...routes } = report.ledger;
  return {
    ...report,
    target: { ...report.target, versions: sorted(report.target.versions) },
    routes: report.routes.map((route) => ({ ...route, statuses: sorted(route.statuses) })),
    ledger: { overall, ...sorted(routes) },
    series: sorted(report.series),
  };
}

function sorted<T>(map: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
