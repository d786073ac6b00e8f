import { describe, expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { independent } from './independence.js';
import { createReader } from './reader.js';
import { serialAwaits } from './serial-awaits.js';

const FILE = 'src/page.js';
const recordingOf = (lines: string[]) => buildRecording({ documents: { sources: [{ file: FILE, firstLine: 1, lines }] } });
const told = (lines: string[], first = 1, second = lines.length) => independent(recordingOf(lines), FILE, first, second);

describe('independent', () => {
  it.each<[string, string[]]>([
    ['two constants', ['  const price = await getPrice(id);', '  const stock = await getStock(id);']],
    ['taken apart', ['  const { rows: [user] } = await pool.query(SQL, [id]);', '  const [tax] = await getTax(id);']],
    ['no semicolons', ['  const a = await f(id)', '  const b = await g(id)']],
    ['an answer that is returned', ['  const a = await f(id);', '  return await g(id);']],
    ['several lines each', ['  const a = await get(', '    url,', '  );', '  const b = await get(', '    other,', '  );']],
    ['with types', ['  const a: Price = await f(id);', '  const b: Map<string, number> = await g(id);']],
    ['a comment that names it', ['  const a = await f(id);', '  const b = await g(id); // like a']],
  ])('holds for %s', (_, lines) => {
    expect(told(lines, 1, lines.findIndex((line, i) => i > 0 && /await/.test(line)) + 1)).toBe(true);
  });
  it.each<[string, string[]]>([
    ['an answer that is passed on', ['  const user = await getUser(id);', '  const orders = await getOrders(user.id);']],
    ['one of several names', ['  const { tax, rate } = await f(id);', '  const b = await g(rate);']],
    ['a check in between', ['  const user = await getUser(id);', '  if (!user) return null;', '  const stock = await getStock(id);']],
    ['what is made of it', ['  const a = await f(id);', '  const key = `x-${a}`;', '  const b = await g(key);']],
    ['a connection', ['  const db = await pool.connect();', '  const a = await db.query(A);', '  const b = await db.query(B);']],
  ])('does not hold for %s', (name, lines) => {
    expect(told(lines, name === 'a connection' ? 2 : 1)).toBe(false);
  });
  it.each<[string, string[]]>([
    ['an effect without a result', ['  await audit(id);', '  const b = await g(id);']],
    ['another block', ['  const a = await f(id);', '  if (id > 3) {', '    const b = await g(id);']],
    ['another function', ['  const a = await f(id);', '}', 'async function b() {', '  const b = await g(id);']],
    ['source that is not there', ['  const a = await f(id);']],
  ])('says nothing of %s', (name, lines) => {
    expect(told(lines, 1, name.startsWith('source') ? 9 : lines.length)).toBeNull();
  });
});

describe('serial awaits', () => {
  const frame = (line: number) => ({ file: FILE, line, function: 'page', source: 'app' as const });
  const client = { file: 'src/client.js', line: 2, function: 'getJson', source: 'app' as const };
  const sites = [2, 3, 4].map((line) => ({ frames: [client, frame(line)] }));
  const lines = ['async function page(id) {', '  const a = await f(id);', '  const b = await g(id);', '  const c = await h(id);', '}'];

  /** Ten requests, each with waits of [site, from, to] ms. */
  function read(waitsOf: (i: number) => [site: number, fromMs: number, toMs: number][], text = lines) {
    const waits: number[][] = [];
    const requests: number[][] = [];
    const turns: number[][] = [];
    for (let i = 0; i < 10; i++) {
      const bornUs = i * 200_000;
      for (const [site, fromMs, toMs] of waitsOf(i)) waits.push([0, i + 1, 1, site, 2, bornUs + fromMs * 1000, bornUs + toMs * 1000, 0]);
      requests.push([0, i + 1, bornUs, bornUs + 150_000, 0, 200, 10, 4000 + i, 200, 0]);
      turns.push([0, bornUs, 100, i + 1], [0, bornUs + 149_000, 100, i + 1]);
    }
    const documents = { sites, sources: [{ file: FILE, firstLine: 1, lines: text }] };
    const recording = buildRecording({ strings: ['GET /page', 'http', 'http://shop'], rows: { waits, requests, turns }, documents });
    return createReader(recording)(serialAwaits);
  }

  it('adds up what stands one after another, and says what would be left', () => {
    const [one] = read(() => [
      [0, 1, 41],
      [1, 42, 92],
      [2, 93, 148],
    ]);
    expect(one).toMatchObject({ route: 'GET /page', sumMs: 145, longestMs: 55, requestMs: 150, requests: 10 });
    expect(one!.steps.map(({ location, ms }) => [location.line, ms])).toEqual([
      [2, 40],
      [3, 50],
      [4, 55],
    ]);
  });
  it('leaves out what needs an earlier answer', () => {
    const [one] = read(
      () => [
        [0, 1, 41],
        [1, 42, 92],
        [2, 93, 148],
      ],
      lines.with(3, '  const c = await h(a.id);'),
    );
    expect(one!.steps.map(({ location }) => location.line)).toEqual([2, 3]);
  });
  it('has nothing where they go on side by side, or only now and then', () => {
    expect(
      read(() => [
        [0, 1, 41],
        [1, 2, 92],
        [2, 2, 148],
      ]),
    ).toEqual([]);
    expect(
      read((i) =>
        i < 5
          ? [
              [0, 1, 41],
              [1, 42, 92],
            ]
          : [[0, 1, 41]],
      ),
    ).toEqual([]);
  });
});
