import type { Recording } from '../model/recording.js';
import { upperBound } from './timeline.js';

/** Who had the cores while a main thread waited for one: shares that add up to 1. */
export interface Competitor {
  readonly detail: string;
  readonly share: number;
}

/** Who ran around `us`; empty where the machine was not watched or nobody else ran. */
export type Competitors = (us: number) => readonly Competitor[];

/** The kernel does not say who was given the core instead, but how much everybody ran in each interval of the collector. */
export function competitorsOf(recording: Recording, proc: number): Competitors {
  const { machine } = recording.streams;
  const order = Array.from({ length: machine.rows }, (_, row) => row).sort((a, b) => machine.tUs[a]! - machine.tUs[b]!);
  const endUs = Float64Array.from(order, (row) => machine.tUs[row]!);
  const mainUs = mainCpuPer(recording, proc, endUs);
  const shares = order.map((row, i): Competitor[] => {
    const treeUs = machine.treeCpuUs[row]!;
    const ddxUs = machine.ddxCpuUs[row]!;
    return sharesOf([
      ['behind its own threads', treeUs - mainUs[i]!],
      ['behind ddx', ddxUs],
      ['behind neighbours', machine.busyUs[row]! - treeUs - ddxUs],
    ]);
  });
  return (us) => shares[Math.min(shares.length - 1, upperBound(endUs, us - 1))] ?? [];
}

function sharesOf(amounts: readonly (readonly [detail: string, us: number])[]): Competitor[] {
  const total = amounts.reduce((sum, [, us]) => sum + Math.max(0, us), 0);
  return total > 0 ? amounts.filter(([, us]) => us > 0).map(([detail, us]) => ({ detail, share: us / total })) : [];
}

/** CPU time of the main thread in the intervals that end at `endUs`. */
function mainCpuPer({ streams: { threads }, strings }: Recording, proc: number, endUs: Float64Array): Float64Array {
  const main = strings.indexOf('main');
  const sums = new Float64Array(endUs.length);
  for (let row = 0; row < threads.rows; row++) {
    if (threads.proc[row] !== proc || threads.kind[row] !== main) continue;
    const i = upperBound(endUs, threads.tUs[row]! - 1);
    if (i < sums.length) sums[i]! += threads.cpuUs[row]!;
  }
  return sums;
}
