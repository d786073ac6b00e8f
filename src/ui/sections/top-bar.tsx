import type { Report } from '../../model/report.js';
import { VERDICTS } from './verdict.js';

export function TopBar({ report }: { report: Report }) {
  const links: [id: string, title: string, shown: boolean][] = [
    ['findings', 'Findings', report.findings.length + report.nursery.length > 0],
    ['routes', 'Routes', report.routes.length > 0],
    ['ledger', 'Time', Object.values(report.ledger).some((buckets) => Object.keys(buckets).length > 0)],
    ['timeline', 'Timeline', Object.keys(report.series).length > 0],
    ['requests', 'Requests', report.exemplars.length > 0],
    ['flame', 'Flame graph', report.profile !== null],
    ['memory', 'Memory', (report.memory?.places.length ?? 0) > 0],
    ['services', 'Services', (report.dependencies?.length ?? 0) > 0],
    ['ruled-out', 'Ruled out', report.ruledOut.length > 0],
    ['recording', 'Recording', true],
  ];
  const { word, sign } = VERDICTS[report.verdict] ?? VERDICTS.inconclusive;
  return (
    <nav class="top-bar" aria-label="Sections">
      <a class="mark" href="#verdict">
        ddx
      </a>
      <a class={`pill ${report.verdict}`} href="#verdict">
        <span aria-hidden="true">{sign}</span> {word}
      </a>
      <ul>
        {links
          .filter(([, , shown]) => shown)
          .map(([id, title]) => (
            <li key={id}>
              <a href={`#${id}`}>{title}</a>
            </li>
          ))}
      </ul>
    </nav>
  );
}
