import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { resolve } from 'node:path';
import type { Result } from './result.js';
import { summaryRow, TABLE_HEAD } from './tables.js';

const FILE = resolve(import.meta.dirname, '../../docs/accuracy.md');
const BEGIN = '<!-- ledger:begin, written by `npm run bench:ledger -- --save` -->';
const END = '<!-- ledger:end -->';
/** Node, framework, load: rows of other sittings stay. */
const KEY_CELLS = 3;

/** Writes the section of docs/accuracy.md that is about the ledger; rows of this run take the place of older ones. */
export function save(results: readonly Result[]): void {
  const text = readFileSync(FILE, 'utf8');
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  const before = from < 0 ? `${text.trimEnd()}\n\n` : text.slice(0, from);
  const after = from < 0 ? '\n' : text.slice(to + END.length);
  const rows = new Map(from < 0 ? [] : rowsOf(text.slice(from, to)));
  for (const row of results.map(summaryRow)) rows.set(keyOf(row), row);
  const sorted = [...rows.values()].sort((a, b) => rank(a[0]!) - rank(b[0]!));
  const table = aligned([TABLE_HEAD, ...sorted]);
  writeFileSync(FILE, `${before}${BEGIN}\n\n${INTRODUCTION}\n\n${machine()}\n\n${table}\n\n${END}${after}`);
}

const INTRODUCTION = `## How right the ledger is

\`npm run bench:ledger\` runs servers whose handlers spend known amounts in known places: their own JavaScript in one piece and in ten, by
ticks, immediates, emitters, streams and job queues; calls over HTTP and DNS to a service that answers with its own clock; timers, a
worker, a mutex, collections asked for, hashing in the thread pool, a child process, statements to PostgreSQL. At each change of work the handler notes the clock, the
CPU time of its thread and how long that thread has waited for a core (schedstat); the other side of each call says when it was done. None
of that comes from the probe. All routes run mixed; the loads differ in how busy the main thread is, and in what surrounds it.

A cell shows the largest error over all routes in the mean request around p50 / in the slowest percent (at least five requests), ledger
minus truth, in milliseconds; "!" marks what is beyond the goal of 1 ms or 5 %, whichever is more. Where the truth leaves something open
(work that nobody marked, between two marks; a wake-up that came late while the thread was idle) the ledger is right anywhere within it.
Requests that met a collection which the server had not asked for (a full young generation, ddx looking at the heap) are left out: the
server could not note it. "named" is the share of wall time in accounts other than \`unattributed\`, with Node's own work counted up to 3 %. "busy" is measured and
includes time without a core: on a shared machine the loads are heavier than their names.

What no ledger from inside can know: when exactly an answer reached the kernel while the thread was busy. The poll of the loop that did
not find it and the one that did are known, one turn of the loop apart; requests of our own load that the same poll returned narrow it
down for sockets, which Linux hands out in the order in which they became readable; in between, the usual length of such a call decides, and a service
that was slow only then looks as usual. The ledger calls this estimated; the last column is its share of the wall time. So the errors of \`http\`, \`dns\` and \`worker\`, and their
counterpart in other JavaScript, grow with the length of the loop's turns: this bench makes turns of 5 to 30 ms on purpose.

A thread may also stand still without being runnable. Of a loop that only allocates, beside three busy processes on these two cores, 5 to
8 % of the wall time was neither work nor waiting for a core, in pieces of up to 53 ms, and none of it with \`--single-threaded\`: the main
thread sleeps until V8's helper threads, which collect and compile for it, are given a core. The ledger books that to the collector's
pause, else to whose turn it is. The truth has no clock for it; so the servers of this bench run with \`--single-threaded\`. And the kernel takes
cores away at the end of a system call above all, so also between a look at the clock and the reading of its counters: the probe and
the marks of this bench allow for that. Rows whose last column is empty are older than all of this paragraph, and were measured on a crowded
machine.`;

/** Columns of even width, as the formatter has them. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(3, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${widths.map((width, i) => (cells[i] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(rows[0]!), line(widths.map((width) => '-'.repeat(width))), ...rows.slice(1).map(line)].join('\n');
}

function machine(): string {
  const model = cpus()[0]?.model ?? 'unknown CPU';
  return `Last written ${new Date().toISOString().slice(0, 10)} on ${cpus().length} cores (${model}), Linux ${release()}; load average then ${loadavg()[0]!.toFixed(1)}.`;
}

function rowsOf(section: string): [string, string[]][] {
  return section
    .split('\n')
    .filter((line) => line.startsWith('| v'))
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim()),
    )
    .map((row) => [keyOf(row), row]);
}

function keyOf(row: readonly string[]): string {
  return row.slice(0, KEY_CELLS).join(' | ');
}

function rank(version: string): number {
  return Number(/\d+/.exec(version)?.[0] ?? 0);
}
