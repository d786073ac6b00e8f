import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { resolve } from 'node:path';

const FILE = resolve(import.meta.dirname, '../../docs/accuracy.md');
const BEGIN = '<!-- overhead:begin, written by `npm run bench:overhead -- --save` -->';
const END = '<!-- overhead:end -->';
const HEAD = ['Node', 'workload', 'what', 'us/request', 'main thread', '95 % interval', 'all threads', 'memory', 'requests', 'measured'];
/** Node, workload, what: rows of other sittings stay. */
const KEY_CELLS = 3;

const INTRODUCTION = `## What it costs

\`npm run bench:overhead\` drives identical servers in turns of a quarter of a second, in random order, with as many requests as they can
answer: a saturated thread, where every share of its time is felt. The probe goes through what it does in a recording (it tries itself out
in the warm-up, the window begins) with something that takes what it sends. "hello" answers at once; "real" works a millisecond: a hundred MACs, a query, a file, some
hundred promises, JSON. Counted is the CPU time of the main thread per request (schedstat), against a bare twin; the interval is from drawing
the turns again. "bare again" is another bare process: what it shows is noise, of the machine and of how V8 happened to compile each one.
"detached" had the probe at depth standard and was left.`;

/** Writes the section of docs/accuracy.md that is about cost; rows of this run take the place of older ones. */
export function save(version, rows) {
  const text = readFileSync(FILE, 'utf8');
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  const before = from < 0 ? `${text.trimEnd()}\n\n` : text.slice(0, from);
  const after = from < 0 ? '\n' : text.slice(to + END.length);
  const table = new Map((from < 0 ? [] : cellsOf(text.slice(from, to))).map((cells) => [keyOf(cells), cells]));
  for (const row of rows) {
    const cells = cellsOfRow(version, row);
    table.set(keyOf(cells), cells);
  }
  const sorted = [...table.values()].sort((a, b) => rank(a) - rank(b));
  writeFileSync(FILE, `${before}${BEGIN}\n\n${INTRODUCTION}\n\n${machine()}\n\n${aligned([HEAD, ...sorted])}\n\n${END}${after}`);
}

function cellsOfRow(version, row) {
  const signed = (percent) => `${percent > 0 ? '+' : ''}${percent.toFixed(1)} %`;
  return [
    version,
    row.workload,
    row.variant,
    row.mainUsPerRequest.toFixed(row.mainUsPerRequest < 100 ? 1 : 0),
    row.variant === 'bare' ? '' : signed(row.mainPercent),
    row.variant === 'bare' ? '' : `${signed(row.lowPercent)} to ${signed(row.highPercent)}`,
    row.variant === 'bare' ? '' : signed(row.allThreadsPercent),
    `${row.rssMb} MB`,
    String(row.requests),
    new Date().toISOString().slice(0, 10),
  ];
}

function machine() {
  const model = cpus()[0]?.model ?? 'unknown CPU';
  return `Last written on ${cpus().length} cores (${model}), Linux ${release()}; load average then ${loadavg()[0].toFixed(1)}.`;
}

/** Columns of even width, as the formatter has them. */
function aligned(rows) {
  const widths = rows[0].map((_, i) => Math.max(3, ...rows.map((row) => row[i].length)));
  const line = (cells) => `| ${widths.map((width, i) => cells[i].padEnd(width)).join(' | ')} |`;
  return [line(rows[0]), line(widths.map((width) => '-'.repeat(width))), ...rows.slice(1).map(line)].join('\n');
}

function cellsOf(section) {
  const rows = section.split('\n').filter((line) => line.startsWith('| v'));
  return rows.map((line) =>
    line
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
}

function keyOf(cells) {
  return cells.slice(0, KEY_CELLS).join(' | ');
}

const WORKLOADS = ['hello', 'real'];
const WHAT = ['bare', 'bare again', 'light', 'standard', 'deep', 'detached'];

function rank([version, workload, what]) {
  return Number(/\d+/.exec(version)?.[0] ?? 0) * 100 + WORKLOADS.indexOf(workload) * 10 + WHAT.indexOf(what);
}
