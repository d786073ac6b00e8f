import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import type { Report } from '../../model/report.js';
import { wordValue } from '../../model/wording.js';
import { drawLane, type LaneGroup, laneGroup, look, redrawLane, wordTime } from '../charts/lane-chart.js';
import { type Lane, lanesOf, summaryOf } from '../charts/lanes.js';
import { More } from '../parts/more.js';
import { Section } from '../parts/section.js';
import { useDark, useWidth } from '../parts/surroundings.js';
import 'uplot/dist/uPlot.min.css';

const LANE_HEIGHT = 98;
const TIMES_HEIGHT = 26;

/** What happened when: lanes on one time axis, one cursor through all. */
export function Timeline({ report }: { report: Report }) {
  const lanes = useMemo(() => lanesOf(report.series), [report.series]);
  const group = useMemo(laneGroup, []);
  const [ref, width] = useWidth<HTMLDivElement>();
  const dark = useDark();
  if (lanes.length === 0) return null;
  group.whole = wholeOf(lanes, report.window.durationS);
  group.bands = (report.felt ?? []).flatMap(({ spans }) => spans);
  const keys = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || !act(group, event.key)) return;
    event.preventDefault();
  };
  return (
    <Section id="timeline" title="Timeline" note={<Hint onFit={() => look(group, null)} />}>
      <div
        class="lanes"
        ref={ref}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys move the cursor and the view; the table below says the same
        tabIndex={0}
        role="application"
        aria-label="Charts on one time axis. Arrow keys move the cursor, w and s zoom, a and d move the view, f shows all."
        onKeyDown={keys}
      >
        {width > 0
          ? lanes.map((lane, i) => (
              <LaneView
                key={`${lane.title}${lane.unit}${lane.lines.length}${dark}${width}`}
                lane={lane}
                width={width}
                last={i === lanes.length - 1}
                group={group}
              />
            ))
          : null}
      </div>
      <Felt report={report} />
      <More label="As a table">{() => <LaneTable lanes={lanes} />}</More>
    </Section>
  );
}

function wholeOf(lanes: readonly Lane[], durationS: number): [fromS: number, toS: number] {
  const ends = lanes.flatMap((lane) =>
    lane.lines.map(({ series }) => [series.points[0]?.[0] ?? 0, series.points.at(-1)?.[0] ?? 0] as const),
  );
  return [Math.min(0, ...ends.map(([first]) => first)), Math.max(durationS, ...ends.map(([, last]) => last))];
}

/** Perfetto's keys for the view, the arrows for the cursor. False for a key that means nothing here. */
function act(group: LaneGroup, key: string): boolean {
  const [fromS, toS] = group.view ?? group.whole;
  const width = toS - fromS;
  const zoom = { w: 1 / 1.5, s: 1.5 }[key.toLowerCase()];
  const shift = { a: -0.2, d: 0.2 }[key.toLowerCase()];
  const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
  const chart = [...group.charts][0];
  if (key === 'f' || key === 'Escape') look(group, null);
  else if (zoom !== undefined) look(group, aroundCursor(group, chart, zoom));
  else if (shift !== undefined) look(group, [fromS + shift * width, toS + shift * width]);
  else if (step !== undefined && chart) {
    const left = Math.max(0, Math.min(chart.over.clientWidth, (chart.cursor.left ?? 0) + step * 8));
    for (const each of group.charts) each.setCursor({ left, top: 10 });
  } else return false;
  return true;
}

/** What the cursor points at stays where it is. */
function aroundCursor(group: LaneGroup, chart: uPlot | undefined, factor: number): [number, number] {
  const [fromS, toS] = group.view ?? group.whole;
  const left = chart?.cursor.left ?? -1;
  const share = chart && left >= 0 ? left / Math.max(1, chart.over.clientWidth) : 0.5;
  const at = fromS + share * (toS - fromS);
  return [at - (at - fromS) * factor, at + (toS - at) * factor];
}

const MOST_SPANS_SAID = 6;

/** What the shaded bands are, in words. */
function Felt({ report }: { report: Report }) {
  const felt = (report.felt ?? []).filter(({ finding, spans }) => report.findings[finding] && spans.length > 0);
  if (felt.length === 0) return null;
  return (
    <ul class="felt">
      {felt.map(({ finding, spans }) => (
        <li key={finding}>
          <span class="band" aria-hidden="true" /> <a href={`#finding-${finding + 1}`}>{report.findings[finding]!.title}</a> was felt{' '}
          <span class="muted">
            {spans
              .slice(0, MOST_SPANS_SAID)
              .map(([fromS, toS]) => `${fromS.toFixed(1)} to ${toS.toFixed(1)} s`)
              .join(', ')}
            {spans.length > MOST_SPANS_SAID ? ` and ${spans.length - MOST_SPANS_SAID} more times` : ''}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Hint({ onFit }: { onFit: () => void }) {
  return (
    <>
      <span class="pointer-only">drag or w a s d to zoom and move </span>
      <button type="button" class="quiet" onClick={onFit}>
        Show all
      </button>
    </>
  );
}

function LaneView({ lane, width, last, group }: { lane: Lane; width: number; last: boolean; group: LaneGroup }) {
  const parent = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | null>(null);
  const [at, setAt] = useState<{ tS: number | null; values: (number | null)[] }>({ tS: null, values: [] });
  useEffect(() => {
    const chart = drawLane(parent.current!, {
      lane,
      width,
      height: LANE_HEIGHT + (last ? TIMES_HEIGHT : 0),
      withTimes: last,
      group,
      onCursor: (tS, values) => setAt({ tS, values }),
    });
    drawn.current = chart;
    return () => {
      group.charts.delete(chart);
      chart.destroy();
    };
  }, [width, last, group]);
  useEffect(() => {
    // While somebody watches the same lines get other values.
    if (drawn.current) redrawLane(drawn.current, lane, group);
  }, [lane, group]);
  return (
    <div class="lane">
      <p class="lane-head">
        <strong>{lane.title}</strong>
        {lane.lines.map((line, i) => (
          <span key={line.name}>
            <svg class={`dash dash-${(i % 4) + 1}`} width="22" height="8" aria-hidden="true">
              <line x1="0" x2="22" y1="4" y2="4" />
            </svg>
            {line.name} <output>{at.tS === null || at.values[i] == null ? '' : wordValue(at.values[i], lane.unit)}</output>
          </span>
        ))}
        <span class="muted at">{at.tS === null ? '' : `at ${wordTime(at.tS)}`}</span>
      </p>
      <div ref={parent} />
    </div>
  );
}

function LaneTable({ lanes }: { lanes: Lane[] }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            {['Series', 'smallest', 'median', 'largest'].map((title) => (
              <th scope="col" key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lanes.flatMap((lane) =>
            lane.lines.map((line) => {
              const { min, median, max } = summaryOf(line.series);
              return (
                <tr key={lane.title + line.name}>
                  <th scope="row">
                    {lane.title} {line.name}
                  </th>
                  <td>{min}</td>
                  <td>{median}</td>
                  <td>{max}</td>
                </tr>
              );
            }),
          )}
        </tbody>
      </table>
    </div>
  );
}
