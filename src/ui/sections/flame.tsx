import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Report } from '../../model/report.js';
import { wordMs, wordShare } from '../../model/wording.js';
import { drawFlame, flameColors, ROW_HEIGHT, visibleRows } from '../charts/flame-draw.js';
import {
  type Box,
  boxAt,
  type FlameLayout,
  FOLDS,
  type Fold,
  type FrameSource,
  layoutFlame,
  layoutInTime,
  layoutWall,
  matchedSamples,
  ORDERS,
  type Order,
  samePlace,
  topFunctions,
} from '../charts/flame-layout.js';
import { Choice } from '../parts/choice.js';
import { More } from '../parts/more.js';
import { Section } from '../parts/section.js';
import { useDark, useWidth } from '../parts/surroundings.js';

export const SOURCES: Record<FrameSource, string> = {
  app: 'your code',
  dependency: 'dependencies',
  node: 'Node',
  native: 'native',
  gc: 'garbage collector',
};
const MOST_FUNCTIONS = 12;

/** Where the main thread's CPU time went, caller above callee. */
export function Flame({ report }: { report: Report }) {
  const [fold, setFold] = useState<Fold>('own code');
  const [order, setOrder] = useState<Order>('by weight');
  const layouts = useMemo(
    () => ({
      'by weight': () => report.profile && layoutFlame(report.profile, fold),
      'in time': () => report.profile && layoutInTime(report.profile, fold),
      'wall time': () => layoutWall(report),
    }),
    [report, fold],
  );
  const layout = useMemo(() => layouts[order](), [layouts, order]);
  if (!report.profile) return null;
  return (
    <Section id="flame" title="Flame graph" note={layout ? noteOf(order, layout) : 'nothing of this was recorded'}>
      <div class="controls">
        <Choice label="Order" options={ORDERS} value={order} onChange={setOrder} />
        {order === 'wall time' ? null : <Choice label="Frames shown" options={FOLDS} value={fold} onChange={setFold} />}
      </div>
      {layout ? (
        <>
          <Graph key={fold + order} layout={layout} plain={order === 'wall time'} />
          {order === 'wall time' ? null : <TopFunctions layout={layout} />}
        </>
      ) : null}
    </Section>
  );
}

function noteOf(order: Order, { root, intervalMs }: FlameLayout): string {
  const time = wordMs(root.width * intervalMs);
  if (order === 'in time') return `${time} of the main thread from left to right, round the slowest request; gaps are waiting`;
  if (order === 'wall time') return `${time} that the slowest 1 % of each route took together, by account and place`;
  return `${time} of CPU samples, callers above, heaviest left`;
}

/** `plain`: boxes are no functions, so nobody's code. */
function Graph({ layout, plain }: { layout: FlameLayout; plain: boolean }) {
  const [room, width] = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [zoomed, setFocus] = useState(layout.root);
  // While somebody watches, one profile follows another.
  const focus = useMemo(() => samePlace(layout, zoomed), [layout, zoomed]);
  const [pointed, setCurrent] = useState<Box | null>(null);
  const current = useMemo(() => (pointed ? samePlace(layout, pointed) : null), [layout, pointed]);
  const [pointer, setPointer] = useState<{ x: number; y: number } | null>(null);
  const [search, setSearch] = useState('');
  const dark = useDark();
  const matches = useMemo(() => matcherOf(search), [search]);

  useEffect(() => {
    // `dark`: the colours are read from the style sheet.
    void dark;
    if (canvas.current && width > 0) drawFlame(canvas.current, layout, { focus, current, matches }, width, flameColors(canvas.current));
  }, [layout, focus, current, matches, width, dark]);

  const under = (event: MouseEvent): Box | null => {
    const bounds = canvas.current!.getBoundingClientRect();
    const sample = focus.x + ((event.clientX - bounds.left) / width) * focus.width;
    return boxAt(layout.rows[Math.floor((event.clientY - bounds.top) / ROW_HEIGHT)], sample);
  };
  const zoom = (box: Box | null): void => setFocus(box ?? layout.root);
  const keys = (event: KeyboardEvent): void => {
    const from = current ?? focus;
    if (event.key === 'Enter' || event.key === ' ') zoom(current);
    else if (event.key === 'Escape' || event.key === 'f') {
      zoom(null);
      setCurrent(null);
    } else {
      const next = neighbour(from, event.key);
      if (next === undefined) return;
      if (next) setCurrent(next);
    }
    setPointer(null);
    event.preventDefault();
  };
  const shown = current ?? focus;
  const found = matches ? matchedSamples(layout.root, matches) : 0;
  return (
    <>
      <div class="controls">
        <label>
          <span class="muted">Search</span>
          <input type="search" value={search} placeholder="function or file" onInput={(event) => setSearch(event.currentTarget.value)} />
        </label>
        <output class="muted found" aria-live="polite">
          {matches ? `${wordShare(found / layout.root.width)} matches` : ''}
        </output>
        <button type="button" class="quiet" disabled={focus === layout.root} onClick={() => zoom(null)}>
          Show all
        </button>
        {plain ? null : (
          <ul class="flame-legend">
            {(Object.keys(SOURCES) as FrameSource[]).map((source) => (
              <li key={source} class={source}>
                <span class={`swatch flame-${source}`} aria-hidden="true" />
                {SOURCES[source]}
              </li>
            ))}
          </ul>
        )}
      </div>
      <div class="flame-room" ref={room}>
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the boxes are walked by keys; the table below says the same */}
        <canvas
          ref={canvas}
          tabIndex={0}
          role="application"
          aria-label="Flame graph. Arrow keys walk the calls, Enter zooms in, Escape shows all. The same is in the table below."
          style={{ width: `${width}px`, height: `${visibleRows(layout, focus, width) * ROW_HEIGHT}px` }}
          onMouseMove={(event) => {
            const box = under(event);
            setCurrent(box);
            setPointer(box ? { x: event.offsetX, y: event.offsetY } : null);
          }}
          onMouseLeave={() => {
            setCurrent(null);
            setPointer(null);
          }}
          onClick={(event) => zoom(under(event))}
          onKeyDown={keys}
        />
        {pointer && current ? <Tip box={current} layout={layout} plain={plain} x={pointer.x} y={pointer.y} width={width} /> : null}
      </div>
      <p class="flame-status" aria-live="polite">
        <Description box={shown} layout={layout} plain={plain} />
      </p>
    </>
  );
}

function Tip({ box, layout, plain, x, y, width }: { box: Box; layout: FlameLayout; plain: boolean; x: number; y: number; width: number }) {
  const side = x > width / 2 ? { right: `${width - x + 12}px` } : { left: `${x + 12}px` };
  return (
    <div class="tip" style={{ ...side, top: `${y + 18}px` }} aria-hidden="true">
      <Description box={box} layout={layout} plain={plain} />
    </div>
  );
}

function Description({ box, layout, plain }: { box: Box; layout: FlameLayout; plain: boolean }) {
  const total = layout.root.width;
  return (
    <>
      <strong class="long">{box.name}</strong> {box.place ? <code class="long">{box.place}</code> : null}{' '}
      <span class="muted">
        {plain ? '' : `${SOURCES[box.source]} · `}
        {wordMs(box.width * layout.intervalMs)} ({wordShare(box.width / total)})
        {plain ? '' : `, of it own ${wordMs(box.self * layout.intervalMs)}`}
      </span>
    </>
  );
}

function TopFunctions({ layout }: { layout: FlameLayout }) {
  const top = topFunctions(layout.root, MOST_FUNCTIONS);
  return (
    <More label="Functions by own time">
      {() => (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Function</th>
                <th scope="col">whose</th>
                <th scope="col">own time</th>
                <th scope="col">share</th>
              </tr>
            </thead>
            <tbody>
              {top.map(({ name, place, source, self }) => (
                <tr key={`${name} ${place}`}>
                  <th scope="row">
                    {name} <code class="muted">{place}</code>
                  </th>
                  <td>{SOURCES[source]}</td>
                  <td>{wordMs(self * layout.intervalMs)}</td>
                  <td>{wordShare(self / layout.root.width)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </More>
  );
}

/** Where an arrow key leads; null where there is nothing, undefined for other keys. */
function neighbour(box: Box, key: string): Box | null | undefined {
  const siblings = box.parent?.children ?? [box];
  const at = siblings.indexOf(box);
  switch (key) {
    case 'ArrowUp':
      return box.parent;
    case 'ArrowDown':
      return box.children[0] ?? null;
    case 'ArrowLeft':
      return siblings[at - 1] ?? null;
    case 'ArrowRight':
      return siblings[at + 1] ?? null;
  }
  return undefined;
}

function matcherOf(search: string): ((box: Box) => boolean) | null {
  const wanted = search.trim().toLowerCase();
  if (wanted === '') return null;
  return (box) => box.name.toLowerCase().includes(wanted) || box.place.toLowerCase().includes(wanted);
}
