import type { Finding } from './report.js';

/** A finding with what follows from it. `index`: its place in report.findings. */
export interface Link {
  index: number;
  finding: Finding;
  effects: Link[];
}

/**
 * Findings as trees: a consequence below the one it is caused by. Those whose cause is not in the list, or goes in a circle,
 * stand on their own. Order within each level is the list's.
 */
export function chainsOf(findings: readonly Finding[]): Link[] {
  const links: Link[] = findings.map((finding, index) => ({ index, finding, effects: [] }));
  const roots: Link[] = [];
  for (const link of links) {
    const cause = reachesRoot(findings, link.index) ? links[link.finding.causedBy ?? -1] : undefined;
    if (cause) cause.effects.push(link);
    else roots.push(link);
  }
  return roots;
}

function reachesRoot(findings: readonly Finding[], index: number): boolean {
  const seen = new Set<number>();
  for (let at: number | undefined = index; at !== undefined && findings[at]; at = findings[at]?.causedBy) {
    if (seen.has(at)) return false;
    seen.add(at);
  }
  return true;
}
