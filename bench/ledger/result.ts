import type { Cell } from './cells.js';
import type { Comparison } from './compare.js';

export interface Result extends Comparison {
  /** "v24.21.0". */
  node: string;
  cell: Cell;
  ratePerS: number;
}
