import type { Recording } from '../model/recording.js';

/** So many of a route were seen at one place, and none at another: the rest of them waited there as well. */
const ENOUGH_ALIKE = 3;

/**
 * The site of a wait, by row. The probe notes the awaits of some requests only; of the others those on the same route tell, where all
 * of them agree. -1 where nothing tells.
 */
export function awaitSites(recording: Recording): (row: number) => number {
  const { waits, requests } = recording.streams;
  const kinds = new Set(['handover', 'promise'].map((kind) => recording.strings.indexOf(kind)).filter((kind) => kind >= 0));
  if (kinds.size === 0) return (row) => waits.site[row]!;
  const routes = new Map<string, number>();
  for (let row = 0; row < requests.rows; row++) routes.set(`${requests.proc[row]} ${requests.id[row]}`, requests.route[row]!);
  const keyOf = (row: number): string | null => {
    const route = routes.get(`${waits.proc[row]} ${waits.owner[row]}`);
    return route === undefined ? null : `${waits.proc[row]} ${route} ${waits.kind[row]}`;
  };
  const seen = new Map<string, { site: number; line: string; count: number; alike: boolean }>();
  for (let row = 0; row < waits.rows; row++) {
    const site = waits.site[row]!;
    const key = site >= 0 && kinds.has(waits.kind[row]!) ? keyOf(row) : null;
    if (key === null) continue;
    const line = lineOf(recording, site);
    const known = seen.get(key);
    if (!known) seen.set(key, { site, line, count: 1, alike: true });
    else if (known.line === line) known.count++;
    else known.alike = false;
  }
  return (row) => {
    if (waits.site[row]! >= 0 || !kinds.has(waits.kind[row]!)) return waits.site[row]!;
    const known = seen.get(keyOf(row) ?? '');
    return known?.alike && known.count >= ENOUGH_ALIKE ? known.site : -1;
  };
}

/** The same line may be reached on several ways. */
function lineOf(recording: Recording, site: number): string {
  const frame = recording.documents.sites[site]?.frames.find(({ source }) => source === 'app');
  return frame ? `${frame.file}:${frame.line}` : '';
}
