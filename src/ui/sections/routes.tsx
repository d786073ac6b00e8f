import { useState } from 'preact/hooks';
import type { Report, RouteReport } from '../../model/report.js';
import { wordCount, wordMs, wordRate, wordShare } from '../../model/wording.js';
import { Section } from '../parts/section.js';
import { routeHref } from '../place.js';

const FIRST = 12;

export function Routes({ report }: { report: Report }) {
  const [all, setAll] = useState(false);
  if (report.routes.length === 0) return null;
  const accused = accusedBy(report);
  const byTraffic = [...report.routes].sort((a, b) => b.count - a.count);
  const ordered = [...byTraffic.filter((r) => accused.has(r.route)), ...byTraffic.filter((r) => !accused.has(r.route))];
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
              <Row key={route.route} route={route} finding={accused.get(route.route)} slowest={slowest} />
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

function Row({ route, finding, slowest }: { route: RouteReport; finding: number | undefined; slowest: number }) {
  const statuses = Object.entries(route.statuses)
    .map(([status, count]) => `${status}: ${wordCount(count)}`)
    .join(', ');
  return (
    <tr class={finding === undefined ? '' : 'accused'}>
      <th scope="row">
        <span class="named">
          <a class="long" href={routeHref(route.route)}>
            {route.route}
          </a>
          {finding === undefined ? null : (
            <a class="tag" href={`#finding-${finding + 1}`}>
              finding {finding + 1}
            </a>
          )}
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

/** The first root cause that speaks of each route: index in `report.findings`. */
function accusedBy(report: Report): Map<string, number> {
  const by = new Map<string, number>();
  report.findings.forEach((finding, index) => {
    if (finding.role !== 'root-cause') return;
    for (const route of [finding.route, ...(finding.suffers ?? [])]) if (route !== undefined && !by.has(route)) by.set(route, index);
  });
  return by;
}
