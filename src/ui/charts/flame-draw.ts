import type { Box, FlameLayout, FrameSource } from './flame-layout.js';

export const ROW_HEIGHT = 21;
/** Average width of a character of the font below; exact measuring of thousands of boxes would cost more than it gives. */
const CHAR_WIDTH = 6.7;
const NARROWEST_TEXT = 28;
const FEWEST_ROWS = 6;

/** What is shown: the samples from `x` on, `width` of them; boxes above `focus` are its callers. */
export interface View {
  focus: Box;
  current: Box | null;
  matches: ((box: Box) => boolean) | null;
}

export interface FlameColors {
  fill: Record<FrameSource, string>;
  text: Record<FrameSource, string>;
  faded: string;
  fadedText: string;
  background: string;
  focus: string;
}

/** Own code is told from others' also without colour: it is bold, Node's and native code is in italics. */
const FONTS: Record<FrameSource, string> = {
  app: 'bold 11px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  dependency: '11px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  node: 'italic 11px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  native: 'italic 11px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  gc: 'italic 11px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
};

export function flameColors(element: Element): FlameColors {
  const css = getComputedStyle(element);
  const read = (name: string): string => css.getPropertyValue(name).trim();
  const of = (suffix: string): Record<FrameSource, string> => ({
    app: read(`--flame-app${suffix}`),
    dependency: read(`--flame-dependency${suffix}`),
    node: read(`--flame-node${suffix}`),
    native: read(`--flame-native${suffix}`),
    gc: read(`--flame-gc${suffix}`),
  });
  return {
    fill: of(''),
    text: of('-ink'),
    faded: read('--flame-faded'),
    fadedText: read('--ink-2'),
    background: read('--card'),
    focus: read('--ink'),
  };
}

/** Rows that hold a box worth drawing in this view; deeper ones would only be empty room. */
export function visibleRows(layout: FlameLayout, focus: Box, width: number): number {
  const least = (focus.width / Math.max(1, width)) * 1.5;
  let rows = 0;
  layout.rows.forEach((row, depth) => {
    if (row.some((box) => box.width >= least && box.x + box.width > focus.x && box.x < focus.x + focus.width)) rows = depth + 1;
  });
  return Math.min(layout.rows.length, Math.max(rows, FEWEST_ROWS));
}

export function drawFlame(canvas: HTMLCanvasElement, layout: FlameLayout, view: View, width: number, colors: FlameColors): void {
  const shown = visibleRows(layout, view.focus, width);
  const height = shown * ROW_HEIGHT;
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const g = canvas.getContext('2d');
  if (!g) return;
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.fillStyle = colors.background;
  g.fillRect(0, 0, width, height);
  g.textBaseline = 'middle';
  const scale = width / view.focus.width;
  layout.rows.slice(0, shown).forEach((row, depth) => {
    for (const box of row) {
      const left = (box.x - view.focus.x) * scale;
      const right = left + box.width * scale;
      if (right <= 0) continue;
      if (left >= width) break;
      drawBox(g, box, Math.max(0, left), Math.min(width, right), depth * ROW_HEIGHT, view, colors);
    }
  });
}

function drawBox(g: CanvasRenderingContext2D, box: Box, left: number, right: number, top: number, view: View, colors: FlameColors): void {
  const width = right - left;
  if (width < 0.4) return;
  const faded = (view.matches !== null && !view.matches(box)) || box.depth < view.focus.depth;
  g.fillStyle = faded ? colors.faded : (colors.fill[box.source] ?? colors.faded);
  g.fillRect(left, top, Math.max(0.5, width - (width > 3 ? 1 : 0)), ROW_HEIGHT - 1);
  if (box === view.current) {
    g.strokeStyle = colors.focus;
    g.lineWidth = 2;
    g.strokeRect(left + 1, top + 1, Math.max(1, width - 3), ROW_HEIGHT - 3);
  }
  if (width < NARROWEST_TEXT) return;
  const room = Math.floor((width - 10) / CHAR_WIDTH);
  const text = box.name.length <= room ? withPlace(box, room) : `${box.name.slice(0, Math.max(1, room - 1))}…`;
  g.font = FONTS[box.source] ?? FONTS.native;
  g.fillStyle = faded ? colors.fadedText : (colors.text[box.source] ?? colors.fadedText);
  g.fillText(text, left + 5, top + ROW_HEIGHT / 2);
}

function withPlace(box: Box, room: number): string {
  const both = `${box.name}  ${box.place}`;
  return box.place !== '' && both.length <= room ? both : box.name;
}
