import type { Dependency, Report } from '../../model/report.js';
import { wordCount, wordMany, wordMs, wordSeconds, wordShare } from '../../model/wording.js';
import { More } from '../parts/more.js';
import { Wide } from '../parts/scrollable.js';
import { Section } from '../parts/section.js';

const MOST_DRAWN = 10;
const ROW = 46;
const BOX = 34;
/** Columns of the map, in its own units. */
const [WIDTH, LEFT, RIGHT, CALLER] = [900, 220, 520, 380];
const THICKEST = 14;
const SHORT = 36;

/** Who asks whom, where more than one process has a part in it. */
export function Services({ report }: { report: Report }) {
  const asked = report.dependencies ?? [];
  if (asked.length === 0) return null;
  const failed = asked.reduce((sum, each) => sum + each.failed, 0);
  return (
    <Section
      id="services"
      title="Services"
      note={`${wordMany(new Set(asked.map(({ dest }) => dest)).size, 'destination')} asked${failed > 0 ? `, ${wordMany(failed, 'call')} failed` : ''}`}
    >
      <Picture report={report} asked={asked.slice(0, MOST_DRAWN)} />
      <More label="As a table">{() => <Table asked={asked} />}</More>
    </Section>
  );
}

/** Clients, processes, whom they ask: three layers; a line is as thick as the time that was waited on it. */
function Picture({ report, asked }: { report: Report; asked: readonly Dependency[] }) {
  const pids = [...new Set(asked.map(({ pid }) => pid))];
  const dests = [...new Set(asked.map(({ dest }) => dest))];
  const height = Math.max(pids.length, dests.length) * ROW;
  const y = (index: number, count: number): number => (height / count) * (index + 0.5);
  const most = Math.max(...asked.map(({ sumS }) => sumS), 1e-9);
  const thick = (sumS: number): number => Math.max(1.5, (sumS / most) * THICKEST);
  const says = asked
    .map(({ pid, dest, calls, p99Ms }) => `process ${pid} asked ${dest} ${wordCount(calls)} times, p99 ${wordMs(p99Ms)}`)
    .join('; ');
  return (
    <Wide label="Who asks whom">
      <svg class="map" viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={says}>
        {pids.map((pid, i) => (
          <g key={pid}>
            <line class="edge" x1="130" x2={LEFT} y1={height / 2} y2={y(i, pids.length)} stroke-width="2" />
            <rect class="node" x={LEFT} y={y(i, pids.length) - BOX / 2} width={CALLER - LEFT} height={BOX} rx="6" />
            <text x={LEFT + 12} y={y(i, pids.length) + 5}>
              {report.target.runtime.slice(0, 12)} {pid}
            </text>
          </g>
        ))}
        <rect class="node" x="4" y={height / 2 - BOX / 2} width="126" height={BOX} rx="6" />
        <text x="16" y={height / 2 + 5}>
          {wordCount(report.requests.count)} req
        </text>
        {asked.map(({ pid, dest, sumS, failed }) => {
          const [from, to] = [y(pids.indexOf(pid), pids.length), y(dests.indexOf(dest), dests.length)];
          return (
            <g key={pid + dest}>
              <line class={failed > 0 ? 'edge failed' : 'edge'} x1={CALLER} x2={RIGHT} y1={from} y2={to} stroke-width={thick(sumS)} />
            </g>
          );
        })}
        {dests.map((dest, i) => (
          <g key={dest}>
            <rect class="node" x={RIGHT} y={y(i, dests.length) - BOX / 2} width={WIDTH - RIGHT - 4} height={BOX} rx="6" />
            <text x={RIGHT + 12} y={y(i, dests.length) + 5}>
              {dest.length > SHORT ? `${dest.slice(0, SHORT - 1)}…` : dest}
            </text>
            <text class="beside" x={WIDTH - 14} y={y(i, dests.length) + 5}>
              p99 {wordMs(Math.max(...asked.filter((each) => each.dest === dest).map(({ p99Ms }) => p99Ms)))}
            </text>
          </g>
        ))}
      </svg>
    </Wide>
  );
}

function Table({ asked }: { asked: readonly Dependency[] }) {
  const sum = asked.reduce((total, { sumS }) => total + sumS, 0);
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            {['Asked', 'by process', 'calls', 'failed', 'p50', 'p99', 'time', 'share'].map((title) => (
              <th scope="col" key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {asked.map(({ dest, kind, pid, calls, failed, p50Ms, p99Ms, sumS }) => (
            <tr key={dest + kind + pid}>
              <th scope="row">
                <code class="long">{dest}</code>
              </th>
              <td>{pid}</td>
              <td>{wordCount(calls)}</td>
              <td class={failed > 0 ? 'bad' : ''}>{wordCount(failed)}</td>
              <td>{wordMs(p50Ms)}</td>
              <td>{wordMs(p99Ms)}</td>
              <td>{wordSeconds(sumS)}</td>
              <td>{wordShare(sumS / Math.max(1e-9, sum))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
