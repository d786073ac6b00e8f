import { type ProfileDocument, STREAMS } from '../model/recording.js';
import type { ProbeMessage } from '../model/wire.js';
import type { Locator } from './locations.js';

type RawProfile = Extract<ProbeMessage, { t: 'profile' }>;

interface Slice {
  untilUs: number;
  ticks: { node: number; lines: [line: number, samples: number][] }[];
}

/** Large programs have some ten thousand places; calls deeper than that are booked to their callers. */
const MOST_NODES = 50_000;
const T_US = STREAMS.samples.indexOf('tUs');
const NODE = STREAMS.samples.indexOf('node');

/** A CPU profile that comes in slices, as one tree; what has the same callers is the same in all of them. */
export class SlicedProfile {
  readonly #locator: Locator;
  readonly #nodes: Omit<ProfileDocument['nodes'][number], 'ticks'>[] = [];
  readonly #known = new Map<string, number>();
  #held: Float64Array[] = [];
  #slices: Slice[] = [];
  #intervalUs = 0;

  constructor(locator: Locator) {
    this.#locator = locator;
  }

  /** Rows of `samples` whose profile has not come yet. */
  hold(rows: Float64Array): void {
    this.#held.push(rows);
  }

  /** Returns the rows that were held; their nodes are now those of the whole tree. */
  take({ nodes, intervalUs }: RawProfile): Float64Array {
    const index: number[] = [];
    for (const node of nodes) index.push(this.#nodeOf(node, index[node.parent] ?? -1));
    const width = STREAMS.samples.length;
    const rows = new Float64Array(this.#held.reduce((sum, held) => sum + held.length, 0));
    let at = 0;
    let untilUs = 0;
    for (const held of this.#held) {
      rows.set(held, at);
      at += held.length;
    }
    for (let row = 0; row < rows.length; row += width) {
      rows[row + NODE] = index[rows[row + NODE]!] ?? 0;
      untilUs = Math.max(untilUs, rows[row + T_US]!);
    }
    this.#held = [];
    this.#intervalUs = intervalUs;
    this.#slices.push({ untilUs, ticks: nodes.map((node, i) => ({ node: index[i]!, lines: linesOf(node, this.#locator) })) });
    return rows;
  }

  forget(beforeUs: number): void {
    this.#slices = this.#slices.filter(({ untilUs }) => untilUs >= beforeUs);
  }

  /** The tree with the samples of the slices that are left; null before the first. */
  document(): ProfileDocument | null {
    if (this.#nodes.length === 0) return null;
    const ticks = new Map<number, Map<number, number>>();
    for (const slice of this.#slices) {
      for (const { node, lines } of slice.ticks) {
        const sums = ticks.get(node) ?? new Map<number, number>();
        for (const [line, samples] of lines) sums.set(line, (sums.get(line) ?? 0) + samples);
        if (lines.length > 0) ticks.set(node, sums);
      }
    }
    return { nodes: this.#nodes.map((node, i) => ({ ...node, ticks: [...(ticks.get(i) ?? [])] })), intervalUs: this.#intervalUs };
  }

  #nodeOf(node: RawProfile['nodes'][number], parent: number): number {
    const key = `${parent} ${node.line} ${node.column} ${node.function} ${node.url}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#nodes.length >= MOST_NODES) return Math.max(0, parent);
    const index = this.#nodes.push({ parent, location: this.#locator.locate(node) }) - 1;
    this.#known.set(key, index);
    return index;
  }
}

/** Samples of a node by line of the source. */
export function linesOf(node: RawProfile['nodes'][number], locator: Locator): [line: number, samples: number][] {
  const lines = new Map<number, number>();
  for (const [line, samples] of node.ticks) {
    // Ticks know lines only; where a whole program stands on one line (minified), the function's own column is the better guess.
    const column = line === node.line ? node.column : 1;
    const original = locator.line(node.url, line, column);
    lines.set(original, (lines.get(original) ?? 0) + samples);
  }
  return [...lines];
}
