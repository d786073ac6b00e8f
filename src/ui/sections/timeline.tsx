import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Report } from '../../model/report.js';
import { wordValue } from '../../model/wording.js';
import { drawLane, fit, type LaneGroup } from '../charts/lane-chart.js';
import { type Lane, lanesOf, summaryOf } from '../charts/lanes.js';
import { More } from '../parts/more.js';
import { Section } from '../parts/section.js';
import { useDark, useWidth } from '../parts/surroundings.js';
import 'uplot/dist/uPlot.min.css';

const LANE_HEIGHT = 98;
const TIMES_HEIGHT = 26;

/** What happened when: lanes on one time axis, one cursor through all. */
export function Timeline({ report }: { report: Report }) {
  const lanes = useMemo(() => lanesOf(report.series), [report]);
  const group = useMemo<LaneGroup>(() => ({ charts: new Set(), zooming: false }), [report]);
  const [ref, width] = useWidth<HTMLDivElement>();
  const dark = useDark();
  if (lanes.length === 0) return null;
  const durationS = Math.max(
    report.window.durationS,
    ...lanes.flatMap((lane) => lane.lines.map(({ series }) => series.points.at(-1)?.[0] ?? 0)),
  );
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const chart = [...group.charts][0];
    if (event.key === 'f' || event.key === 'Escape') fit(group, durationS);
    if (step === undefined || !chart) return;
    event.preventDefault();
    const left = Math.max(0, Math.min(chart.over.clientWidth, (chart.cursor.left ?? 0) + step * 8));
    for (const each of group.charts) each.setCursor({ left, top: 10 });
  };
  return (
    <Section id="timeline" title="Timeline" note={<Hint onFit={() => fit(group, durationS)} />}>
      <div
        class="lanes"
        ref={ref}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move the cursor; the table below says the same
        tabIndex={0}
        role="application"
        aria-label="Charts on one time axis; arrow keys move the cursor, f shows all"
        onKeyDown={move}
      >
        {width > 0
          ? lanes.map((lane, i) => (
              <LaneView
                key={`${lane.title}${lane.unit}${dark}${width}`}
                lane={lane}
                width={width}
                last={i === lanes.length - 1}
                durationS={durationS}
                group={group}
              />
            ))
          : null}
      </div>
      <More label="As a table">{() => <LaneTable lanes={lanes} />}</More>
    </Section>
  );
}

function Hint({ onFit }: { onFit: () => void }) {
  return (
    <>
      <span class="pointer-only">drag to zoom </span>
      <button type="button" class="quiet" onClick={onFit}>
        Show all
      </button>
    </>
  );
}

function LaneView({
  lane,
  width,
  last,
  durationS,
  group,
}: {
  lane: Lane;
  width: number;
  last: boolean;
  durationS: number;
  group: LaneGroup;
}) {
  const parent = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<{ tS: number | null; values: (number | null)[] }>({ tS: null, values: [] });
  useEffect(() => {
    const chart = drawLane(parent.current!, {
      lane,
      width,
      height: LANE_HEIGHT + (last ? TIMES_HEIGHT : 0),
      withTimes: last,
      durationS,
      group,
      onCursor: (tS, values) => setAt({ tS, values }),
    });
    return () => {
      group.charts.delete(chart);
      chart.destroy();
    };
  }, [lane, width, last, durationS, group]);
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
        <span class="muted at">{at.tS === null ? '' : `at ${at.tS.toFixed(1)} s`}</span>
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
