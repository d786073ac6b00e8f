import type { Link } from './link.js';
import type { Names } from './names.js';
import type { Rows } from './rows.js';
import type { Turns } from './turns.js';

/** What every source writes to, for the time of one recording. */
export interface Probe {
  readonly link: Link;
  readonly rows: Rows;
  readonly names: Names;
  /** Null where nobody keeps the owner ledger. */
  readonly turns: Turns | null;
}

/**
 * One source of data. `flush` comes every 250 ms, `mark` when the judged window is about to begin, `look`
 * when somebody who watches wants what came since the last one, `finish` once when the recording ends
 * well, `stop` always, last. `pause` makes it cost nothing for a moment, `resume` brings it back: what it then takes of the target is
 * the difference. Sources without them cost next to nothing.
 */
export interface Source {
  pause?(): void;
  resume?(): void;
  flush?(tUs: number): void;
  mark?(): void;
  look?(): void;
  finish?(): void;
  stop(): void;
}
