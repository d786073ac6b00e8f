import { ACCOUNT_NAMES } from '../../model/account-names.js';
import type { ProfileTree, Report } from '../../model/report.js';

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
  /** Milliseconds of one unit of width. */
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

/** "by weight" and "in time" are CPU time of the main thread; "wall time" is that of slow requests, whoever had it. */
export const ORDERS = ['by weight', 'in time', 'wall time'] as const;
export type Order = (typeof ORDERS)[number];

/**
 * The same in the order of time, as far as that was kept: calls of one function that follow one another are one box. Waiting is a gap. A unit
 * of width is a microsecond. Null where nothing ran.
 */
export function layoutInTime(profile: ProfileTree, fold: Fold): FlameLayout | null {
  const stacks = profile.nodes.map((node, i) => ({ node, i, shown: shownIn(profile, i, fold) }));
  const root: Box = { ...boxOf({ ...profile.nodes[0]!, function: '(all)', file: '', line: 0, total: 0, self: 0 }, null) };
  const rows: Box[][] = [[root]];
  let open: Box[] = [root];
  let openKeys: string[] = [];
  let x = 0;
  profile.timeline.nodes.forEach((index, i) => {
    const us = profile.timeline.us[i] ?? 0;
    const path = stacks[index] && profile.nodes[index]!.function !== '(idle)' ? pathOf(profile, index, stacks) : [];
    const keys = path.map((at) => String(stacks[at]!.shown));
    let same = 0;
    while (same < keys.length && keys[same] === openKeys[same]) same++;
    open = open.slice(0, same + 1);
    for (const at of path.slice(same)) {
      const parent = open.at(-1)!;
      const box = { ...boxOf({ ...profile.nodes[at]!, total: 0, self: 0 }, parent), x };
      parent.children.push(box);
      const row = rows[box.depth] ?? [];
      rows[box.depth] = row;
      row.push(box);
      open.push(box);
    }
    openKeys = keys;
    for (const box of open) box.width += us;
    open.at(-1)!.self += us;
    x += us;
  });
  return x > 0 && rows.length > 1 ? { root, rows: rows.slice(0, DEEPEST), intervalMs: 0.001 } : null;
}

/** The node that stands for this one: itself, or with foreign code folded the first of its run. */
function shownIn(profile: ProfileTree, index: number, fold: Fold): number {
  let at = index;
  if (fold === 'all frames') return at;
  for (
    let parent = profile.nodes[at]!.parent;
    parent > 0 && isForeignNode(profile, at) && isForeignNode(profile, parent);
    parent = profile.nodes[at]!.parent
  )
    at = parent;
  return at;
}

function isForeignNode({ nodes }: ProfileTree, index: number): boolean {
  return nodes[index]!.source !== 'app' && nodes[index]!.function !== '(garbage collector)';
}

/** From below the root to the node itself, folded frames once. */
function pathOf(profile: ProfileTree, index: number, stacks: readonly { shown: number }[]): number[] {
  const path: number[] = [];
  for (let at = index; at > 0; at = profile.nodes[at]!.parent) {
    const { shown } = stacks[at]!;
    if (path[0] !== shown) path.unshift(shown);
  }
  return path;
}

/** What slow requests spent their time on: route, account, and where. A unit of width is a microsecond. Null without a ledger. */
export function layoutWall(report: Report): FlameLayout | null {
  const { overall: _, ...routes } = report.ledger;
  const nodes: ProfileTree['nodes'] = [];
  const add = (parent: number, name: string, us: number, source: ProfileTree['nodes'][number]['source']): number => {
    for (let at = parent; at >= 0; at = nodes[at]!.parent) nodes[at]!.total += us;
    return nodes.push({ parent, function: name, file: '', line: 0, source, self: us, total: us }) - 1;
  };
  add(-1, `(the slowest 1 % of each route)`, 0, 'native');
  for (const [route, { p99 }] of Object.entries(routes)) {
    const byAccount = new Map<string, number>();
    const at = p99 ? add(0, route, 0, 'dependency') : -1;
    for (const { account, detail, ms } of p99?.accounts ?? []) {
      const source = account.startsWith('js/own') ? 'app' : account.startsWith('js/') ? 'node' : 'native';
      const parent = byAccount.get(account) ?? add(at, ACCOUNT_NAMES[account] ?? account, 0, source);
      byAccount.set(account, parent);
      const us = Math.round(ms * 1000 * p99!.requests);
      if (detail === undefined) {
        nodes[parent]!.self += us;
        for (let above = parent; above >= 0; above = nodes[above]!.parent) nodes[above]!.total += us;
      } else add(parent, detail, us, source);
    }
  }
  const tree = { intervalUs: 1, totalSamples: 0, nodes, timeline: { startS: 0, nodes: [], us: [] } };
  return layoutFlame(tree, 'all frames');
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
