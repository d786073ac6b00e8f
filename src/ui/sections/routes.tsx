import { useState } from 'preact/hooks';
import type { Report, RouteReport } from '../../model/report.js';
import { wordCount, wordMs, wordRate, wordShare } from '../../model/wording.js';
import { Section } from '../parts/section.js';
import { routeHref } from '../place.js';

const FIRST = 12;

export function Routes({ report }: { report: Report }) {
  const [all, setAll] = useState(false);
  if (report.routes.length === 0) return null;
  const roles = rolesOf(report);
  const byTraffic = [...report.routes].sort((a, b) => b.count - a.count);
  const ordered = [...byTraffic.filter((r) => roles.has(r.route)), ...byTraffic.filter((r) => !roles.has(r.route))];
  const shown = all ? ordered : ordered.slice(0, FIRST);
  const slowest = Math.max(...report.routes.map((r) => r.p99Ms), 1e-9);
  return (
    <Section id="routes" title="Routes" note={`${wordCount(report.routes.length)} seen`}>
      <div class="scroll">
        <table class="routes">
          <thead>
            <tr>
              <th scope="col">Route</th>
              <th scope="col" class="wide">
                Requests
              </th>
              <th scope="col" class="wide">
                req/s
              </th>
              <th scope="col">Errors</th>
              <th scope="col">p50</th>
              <th scope="col" class="wide">
                p90
              </th>
              <th scope="col">p99</th>
              <th scope="col" class="wide">
                max
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((route) => (
              <Row key={route.route} route={route} role={roles.get(route.route)} slowest={slowest} />
            ))}
          </tbody>
        </table>
      </div>
      {ordered.length > FIRST ? (
        <button type="button" class="quiet" onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? 'Show fewer' : `Show all ${wordCount(ordered.length)}`}
        </button>
      ) : null}
    </Section>
  );
}

function Row({ route, role, slowest }: { route: RouteReport; role: string | undefined; slowest: number }) {
  const statuses = Object.entries(route.statuses)
    .map(([status, count]) => `${status}: ${wordCount(count)}`)
    .join(', ');
  return (
    <tr class={role ? 'accused' : ''}>
      <th scope="row">
        <span class="named">
          <a class="long" href={routeHref(route.route)}>
            {route.route}
          </a>
          {role ? <span class={`tag ${role}`}>{role}</span> : null}
        </span>
      </th>
      <td class="wide">{wordCount(route.count)}</td>
      <td class="wide">{wordRate(route.rps)}</td>
      <td class={route.errors > 0 ? 'bad' : ''} title={statuses}>
        {route.errors > 0 ? wordShare(route.errors / Math.max(1, route.count)) : '0'}
      </td>
      <td>{wordMs(route.p50Ms)}</td>
      <td class="wide">{wordMs(route.p90Ms)}</td>
      <td class="spark">
        <span>
          <span class="track" aria-hidden="true">
            <span style={{ width: `${(route.p99Ms / slowest) * 100}%` }} />
          </span>
          <span class="value">{wordMs(route.p99Ms)}</span>
        </span>
      </td>
      <td class="wide">{wordMs(route.maxMs)}</td>
    </tr>
  );
}

/** What root causes say about each route: it holds the cause, or suffers from it. */
function rolesOf(report: Report): Map<string, 'cause' | 'suffers'> {
  const roles = new Map<string, 'cause' | 'suffers'>();
  for (const finding of report.findings) {
    if (finding.role !== 'root-cause') continue;
    for (const route of finding.suffers ?? []) if (!roles.has(route)) roles.set(route, 'suffers');
    if (finding.route !== undefined) roles.set(finding.route, 'cause');
  }
  return roles;
}
