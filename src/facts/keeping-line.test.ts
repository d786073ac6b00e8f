import { describe, expect, it } from 'vitest';
import type { SourceLocation } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { keepingLine } from './keeping-line.js';

const at = (line: number, name: string): SourceLocation => ({ file: 'src/a.js', line, function: name, source: 'app' });
const read = (lines: string[], ...own: SourceLocation[]) =>
  keepingLine(buildRecording({ documents: { sources: [{ file: 'src/a.js', firstLine: 1, lines }] } }), own);

const handler = (...body: string[]) => [
  'async function handle(request) {',
  '  const rows = load(request.id);',
  ...body.map((text) => `  ${text}`),
  '}',
];

describe('the line that keeps', () => {
  it.each([
    ['map', 'sessions', 'sessions.set(request.id, rows);'],
    ['set', 'this.#seen', 'this.#seen.add(rows);'],
    ['array', 'audit', 'audit.push({ rows });'],
    ['array', 'all', 'all = [...all, rows];'],
    ['object', 'byId', 'byId[request.id] = rows;'],
    ['object', 'byId', 'byId[request.id] ??= rows;'],
    ['linked-list', 'head', 'head = { rows, next: head };'],
    ['listeners', 'bus', "bus.on('changed', () => rows.length);"],
    ['timers', null, 'const poller = setInterval(() => check(rows), 5000);'],
    ['timers', null, 'setTimeout(() => remind(rows), 600_000);'],
    ['promises', null, 'tail = tail.then(() => store(rows));'],
    ['promises', null, 'const first = await Promise.race([use(rows), shutdown]);'],
    ['promises', null, 'await new Promise(() => {});'],
  ])('is told by what it says: %s', (keeper, container, text) => {
    expect(read(handler('count(rows);', text), at(1, 'handle'))).toMatchObject({ location: { line: 4 }, container, keeper });
  });

  it.each([
    'await new Promise((resolve) => setTimeout(resolve, 5));',
    'const timer = setTimeout(() => controller.abort(), 500);',
    "response.set('x-rows', rows.length);",
    'const page = []; page.push(rows);',
    "const socket = connect(port); socket.on('data', () => rows.length);",
  ])('is none that a request ends with: %s', (text) => {
    expect(read(handler(text), at(1, 'handle'))).toBeNull();
  });

  it('is the container before the timer', () => {
    expect(read(handler('setInterval(tick, 1000);', 'kept.push(rows);'), at(1, 'handle'))).toMatchObject({ keeper: 'array' });
  });

  it('is found where an asynchronous maker is awaited, if that is one place', () => {
    const maker = ['async function load(id) {', '  await pause();', '  return rowsOf(id);', '}'];
    const caller = ['export async function open(request) {', '  drafts[request.id] = await load(request.id);', '}'];
    expect(read([...maker, ...caller], at(1, 'load'))).toMatchObject({
      location: { line: 6, function: 'open' },
      container: 'drafts',
      keeper: 'object',
    });
    expect(read([...maker, ...caller, ...caller], at(1, 'load'))).toBeNull();
  });
});
