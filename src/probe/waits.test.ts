import { afterEach, expect, it } from 'vitest';
import { WaitFlag } from '../model/recording.js';
import type { ProbeSession } from './testing/endpoint.js';
import { messagesOf, startTarget, type Target } from './testing/target.js';

let target: Target;
afterEach(() => target.stop());

interface WaitRow {
  owner: number;
  kind: string;
  dest: string;
  site: number;
  startUs: number;
  endUs: number;
  flags: number;
  notBeforeUs: number;
  readyByUs: number;
}

async function waitsOf(fixture: string, ...paths: string[]): Promise<{ session: ProbeSession; waits: WaitRow[] }> {
  target = await startTarget(fixture);
  await target.session();
  for (const path of paths) await target.get(path);
  const session = await target.finish();
  const waits = (session.rows['waits'] ?? []).map((row) => {
    return { ...row, kind: session.text.get(row['kind']!), dest: session.text.get(row['dest']!) } as unknown as WaitRow;
  });
  return { session, waits };
}

/** The innermost line of the fixture itself. */
function lineOf(session: ProbeSession, site: number, fixture: string): number {
  const { frames } = messagesOf(session, 'site').find(({ i }) => i === site)!;
  return frames.find(({ url }) => url.endsWith(fixture))?.line ?? -1;
}

it('sees pool tasks, timers and compression that a request waits for, promisified and imported by name', async () => {
  const { session, waits } = await waitsOf('plain.mjs', '/waits', '/waits');
  const [first, second] = session.rows['requests']!.map(({ id }) => id!);
  const kinds = (owner: number) =>
    waits
      .filter((wait) => wait.owner === owner)
      .sort((a, b) => a.startUs - b.startUs)
      .map(({ kind, dest }) => `${kind} ${dest}`);
  const expected = [
    'pool/crypto pbkdf2',
    'pool/fs fs.readFile',
    'pool/fs fs.readFile',
    'timer timers/promises.setTimeout',
    'pool/dns dns.lookup',
    'pool/zlib Gzip',
  ];
  // Ending the stream compresses once more, nothing.
  expect([...new Set(kinds(first!))]).toEqual([...new Set(expected)]);
  expect(kinds(first!).slice(0, expected.length)).toEqual(expected);
  expect(kinds(second!).slice(0, expected.length)).toEqual(expected);
  for (const wait of waits.filter(({ owner }) => owner > 0)) {
    expect(wait.endUs).toBeGreaterThan(wait.startUs);
    expect(lineOf(session, wait.site, 'plain.mjs')).toBeGreaterThan(1);
  }
  const timer = waits.find(({ kind }) => kind === 'timer')!;
  expect(timer.endUs - timer.startUs).toBeGreaterThan(1900);
});

it('sees what file handles, WebCrypto and resolvers of the target´s own do', async () => {
  const { session, waits } = await waitsOf('plain.mjs', '/handles');
  const [id] = session.rows['requests']!.map((row) => row['id']);
  const own = waits.filter(({ owner, dest }) => owner === id && dest !== 'fs.open');
  expect(own.map(({ kind, dest }) => `${kind} ${dest}`)).toEqual([
    'pool/fs FileHandle.read',
    'pool/crypto subtle.digest',
    'dns dns.resolve4',
  ]);
  for (const { site } of own) expect(lineOf(session, site, 'plain.mjs')).toBeGreaterThan(1);
});

it('sees that a request waited until another one let go of a lock', async () => {
  target = await startTarget('plain.mjs');
  await target.session();
  await Promise.all([1, 2, 3].map(() => target.get('/lock')));
  await target.get('/lock');
  const session = await target.finish();
  const handovers = session.rows['waits']!.filter(({ kind }) => session.text.get(kind!) === 'handover');
  const ids = session.rows['requests']!.map(({ id }) => id!).sort((a, b) => a - b);
  // The first found it free, and so did the fourth.
  expect(handovers.map(({ owner }) => owner)).toEqual([ids[1], ids[2]]);
  const waited = handovers.map(({ startUs, endUs }) => endUs! - startUs!);
  expect(waited[0]).toBeGreaterThan(10_000);
  expect(waited[1]).toBeGreaterThan(30_000);
});

it('knows between which polls of the loop an answer came, and when a timer was due', async () => {
  const { waits } = await waitsOf('plain.mjs', '/quick', '/late');
  const bounds = (kind: string) => {
    const { startUs, endUs, notBeforeUs, readyByUs } = waits.find((wait) => wait.kind === kind && wait.owner > 0)!;
    return { held: endUs - startUs, from: notBeforeUs - startUs, to: readyByUs - startUs };
  };
  const timer = bounds('timer');
  expect(timer.held).toBeGreaterThan(29_000);
  expect(timer).toMatchObject({ from: 5_000, to: 6_000 });
  const file = bounds('pool/fs');
  // It was handed in after one poll and found by the next, which came after the burn.
  expect(file.from).toBeLessThanOrEqual(0);
  expect(file.to).toBeGreaterThan(29_000);
  expect(file.to).toBeLessThanOrEqual(file.held);
});

it('sees outgoing requests by fetch and http.get, with destination and call site', async () => {
  const { session, waits } = await waitsOf('plain.mjs', '/fetch', '/get', '/head-only', '/refused');
  const here = `http://127.0.0.1:${target.port}`;
  const http = waits.filter(({ kind }) => kind === 'http');
  const byRoute = (route: string) => {
    const { id } = session.rows['requests']!.find((row) => session.text.get(row['route']!) === `GET ${route}`) as { id: number };
    return http.filter(({ owner }) => owner === id);
  };
  for (const route of ['/fetch', '/get', '/head-only']) {
    expect(byRoute(route)).toMatchObject([{ dest: here }]);
    expect(byRoute(route)[0]!.flags & ~WaitFlag.opened).toBe(0);
    expect(lineOf(session, byRoute(route)[0]!.site, 'plain.mjs')).toBeGreaterThan(1);
  }
  // When the poll that found the answer was, and the one before; of the one whose body nobody read, only that its head came.
  for (const route of ['/fetch', '/get']) {
    const { startUs, endUs, notBeforeUs, readyByUs } = byRoute(route)[0]!;
    expect(notBeforeUs).toBeGreaterThan(0);
    expect(readyByUs).toBeGreaterThan(startUs);
    expect(readyByUs).toBeLessThanOrEqual(endUs);
  }
  expect(byRoute('/refused')).toMatchObject([{ dest: 'http://127.0.0.1:1', flags: WaitFlag.failed | WaitFlag.opened }]);
});

it('sees answers of worker threads and the life of children, with where they were begun', async () => {
  const { session, waits } = await waitsOf('threads.cjs', '/worker', '/child');
  const owners = session.rows['requests']!.map(({ id }) => id!);
  const answer = waits.find(({ kind }) => kind === 'worker')!;
  expect(answer.owner).toBe(owners[0]);
  expect(answer.endUs - answer.startUs).toBeGreaterThan(15_000);
  const child = waits.find(({ kind }) => kind === 'child')!;
  expect(child.owner).toBe(owners[1]);
  const spawns = messagesOf(session, 'spawn');
  const worker = spawns.find(({ kind }) => kind === 'worker')!;
  expect(lineOf(session, worker.site, 'threads.cjs')).toBe(6);
  expect(spawns.filter(({ kind }) => kind === 'child').every(({ readyUs }) => readyUs === -1)).toBe(true);
  const ended = spawns.filter(({ kind, endUs }) => kind === 'child' && endUs > 0);
  expect(ended).toHaveLength(1);
});
