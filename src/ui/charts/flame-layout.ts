import type { ProfileTree } from '../../model/report.js';

export type FrameSource = ProfileTree['nodes'][number]['source'] | 'gc';

/** One box: `x` and `width` in samples, heaviest sibling first. */
export interface Box {
  name: string;
  place: string;
  source: FrameSource;
  depth: number;
  x: number;
  width: number;
  self: number;
  parent: Box | null;
  children: Box[];
}

export interface FlameLayout {
  root: Box;
  /** Rows from the root down; boxes of a row from left to right. */
  rows: Box[][];
  intervalMs: number;
}

/** Deeper stacks than this are recursion; nobody reads them. */
const DEEPEST = 160;

/** "own code": runs of frames of dependencies and Node become one box, named by the first, so that own code lies close together. */
export const FOLDS = ['own code', 'all frames'] as const;
export type Fold = (typeof FOLDS)[number];

/** Calls of the same function from the same caller become one box; siblings are ordered by weight ("left heavy"). Time without work is left out. */
export function layoutFlame(profile: ProfileTree, fold: Fold): FlameLayout | null {
  const boxes: (Box | null)[] = [];
  const known = new Map<Box, Map<string, Box>>();
  let root: Box | undefined;
  for (const node of profile.nodes) {
    const parent: Box | null = node.parent < 0 ? null : (boxes[node.parent] ?? root ?? null);
    if (root && node.function === '(idle)') {
      root.width -= node.total;
      boxes.push(null);
      continue;
    }
    const own = boxOf(node, parent);
    if (fold === 'own code' && parent && parent !== root && isForeign(parent) && isForeign(own)) {
      parent.self += node.self;
      boxes.push(parent);
      continue;
    }
    const siblings: Map<string, Box> = (parent && known.get(parent)) ?? new Map();
    const key = `${own.name}\n${own.place}`;
    const box = siblings.get(key) ?? own;
    if (box === own) {
      siblings.set(key, box);
      if (parent) {
        known.set(parent, siblings);
        parent.children.push(box);
      }
    } else {
      box.width += node.total;
      box.self += node.self;
    }
    boxes.push(box);
    root ??= box;
  }
  if (!root || root.width <= 0) return null;
  const rows: Box[][] = [];
  place(root, rows);
  return { root, rows, intervalMs: profile.intervalUs / 1000 };
}

function isForeign(box: Box): boolean {
  return box.source !== 'app' && box.source !== 'gc';
}

function boxOf(node: ProfileTree['nodes'][number], parent: Box | null): Box {
  return {
    name: node.function || '(anonymous)',
    place: node.file === '' ? '' : node.line > 0 ? `${node.file}:${node.line}` : node.file,
    source: node.function === '(garbage collector)' ? 'gc' : node.source,
    depth: parent ? parent.depth + 1 : 0,
    x: 0,
    width: node.total,
    self: node.self,
    parent,
    children: [],
  };
}

function place(root: Box, rows: Box[][]): void {
  const stack = [root];
  for (let box = stack.pop(); box; box = stack.pop()) {
    const row = rows[box.depth] ?? [];
    rows[box.depth] = row;
    row.push(box);
    box.children.sort((a, b) => b.width - a.width);
    let x = box.x;
    for (const child of box.children) {
      child.x = x;
      x += child.width;
    }
    if (box.depth + 1 < DEEPEST) for (let i = box.children.length - 1; i >= 0; i--) stack.push(box.children[i]!);
  }
}

/** The box of a row under a position in samples; null between boxes. Binary search: rows can hold thousands. */
export function boxAt(row: readonly Box[] | undefined, sample: number): Box | null {
  if (!row) return null;
  let low = 0;
  let high = row.length - 1;
  while (low <= high) {
    const mid = (low + high) >> 1;
    const box = row[mid]!;
    if (sample < box.x) high = mid - 1;
    else if (sample >= box.x + box.width) low = mid + 1;
    else return box;
  }
  return null;
}

/** The box of this layout that stands where `box` stood in another one, or the nearest of its callers that is still there. */
export function samePlace({ root }: FlameLayout, box: Box): Box {
  const path: Box[] = [];
  for (let at: Box | null = box; at; at = at.parent) path.unshift(at);
  if (path[0] === root) return box;
  let here = root;
  for (const { name, place } of path.slice(1)) {
    const next = here.children.find((child) => child.name === name && child.place === place);
    if (!next) return here;
    here = next;
  }
  return here;
}

/** Samples in boxes that match, none counted twice when a match calls a match. */
export function matchedSamples(root: Box, matches: (box: Box) => boolean): number {
  let sum = 0;
  const stack = [root];
  for (let box = stack.pop(); box; box = stack.pop()) {
    if (matches(box)) sum += box.width;
    else stack.push(...box.children);
  }
  return sum;
}

/** Functions by own time, over all places they were called from. */
export function topFunctions(root: Box, most: number): { name: string; place: string; source: FrameSource; self: number }[] {
  const sums = new Map<string, { name: string; place: string; source: FrameSource; self: number }>();
  const stack = [root];
  for (let box = stack.pop(); box; box = stack.pop()) {
    const key = `${box.name}\n${box.place}`;
    const sum = sums.get(key) ?? { name: box.name, place: box.place, source: box.source, self: 0 };
    sum.self += box.self;
    sums.set(key, sum);
    stack.push(...box.children);
  }
  return [...sums.values()]
    .filter((sum) => sum.self > 0)
    .sort((a, b) => b.self - a.self)
    .slice(0, most);
}
