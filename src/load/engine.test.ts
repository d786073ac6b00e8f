import { expect, it } from 'vitest';
import { runLoad } from './engine.js';
import { type ClientRow, faults, gather, get, serveHttp, serveSockets } from './testing.js';

const open = (ratePerS: number) => ({ kind: 'open' as const, ratePerS });
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
};
const counted = (rows: ClientRow[], of: (row: ClientRow) => string | number | null) => {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[String(of(row))] = (counts[String(of(row))] ?? 0) + 1;
  return counts;
};

it('every request is counted once, under its route, with its status and size', async () => {
  const seen: Record<string, number> = {};
  using server = await serveHttp((request, response) => {
    const key = `${request.method} ${request.url}`;
    seen[key] = (seen[key] ?? 0) + 1;
    request.resume().on('end', () => {
      if (request.url === '/none') response.writeHead(204).end();
      else if (request.url === '/sick') response.writeHead(500).end('oops!');
      else if (request.url?.startsWith('/parts')) {
        response.write('abc');
        setTimeout(() => response.end('defg'), 3);
      } else response.end(request.url);
    });
  });
  const requests = [
    get('/whole?q=1', 3),
    get('/none'),
    get('/sick'),
    get('/parts'),
    { method: 'HEAD', path: '/parts', route: 'HEAD /parts', weight: 1 },
    { method: 'POST', path: '/post', route: 'POST /post', body: '{"a":1}', weight: 1 },
  ];
  const { run, rows, batches } = gather(runLoad, { port: server.port, requests, arrivals: open(400), durationS: 1 });
  const summary = await run.done;
  expect(faults(rows, summary)).toEqual([]);
  expect(summary).toMatchObject({ sent: rows.length, done: rows.length, errors: {}, capReached: false });
  expect(rows.length).toBeGreaterThan(300);
  expect(rows.length).toBeLessThan(500);
  expect(batches.length).toBeGreaterThan(2);
  expect(counted(rows, (row) => row.route)).toEqual(
    Object.fromEntries(Object.entries(seen).map(([key, count]) => [key.replace('?q=1', ''), count])),
  );
  const kinds = new Set(rows.map((row) => `${row.route} ${row.status} ${row.bytes}`));
  expect([...kinds].sort()).toEqual([
    'GET /none 204 0',
    'GET /parts 200 7',
    'GET /sick 500 5',
    'GET /whole 200 10',
    'HEAD /parts 200 0',
    'POST /post 200 5',
  ]);
  expect(rows.some((row) => row.route === 'GET /parts' && row.doneUs > row.firstByteUs)).toBe(true);
});

it('the same seed sends the same requests at the same distances', async () => {
  using server = await serveHttp((_, response) => response.end());
  const requests = [get('/a'), get('/b'), get('/c')];
  const once = async () => {
    const { run, rows } = gather(runLoad, { port: server.port, requests, arrivals: open(300), durationS: 0.4, seed: 5 });
    await run.done;
    const due = rows.map((row) => row.intendedUs).sort((a, b) => a - b);
    return due.map((us) => us - due[0]!);
  };
  const [first, second] = [await once(), await once()];
  // Whole microseconds of two different beginnings.
  expect(second.length).toBe(first.length);
  for (const [i, us] of first.entries()) expect(Math.abs(us - second[i]!)).toBeLessThanOrEqual(1);
});

it('a new connection for each request where the server closes it', async () => {
  using server = await serveHttp((_, response) => response.setHeader('Connection', 'close').end('bye'));
  const { run, rows } = gather(runLoad, { port: server.port, requests: [get('/')], arrivals: open(200), durationS: 0.5 });
  const summary = await run.done;
  expect(faults(rows, summary)).toEqual([]);
  expect(summary.errors).toEqual({});
  expect(new Set(rows.map((row) => row.port)).size).toBe(rows.length);
});

it('a body that ends with the connection', async () => {
  using server = await serveSockets((socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\nabc', () => setTimeout(() => socket.end('de'), 5)));
  });
  const { run, rows } = gather(runLoad, { port: server.port, requests: [get('/')], arrivals: open(100), durationS: 0.3 });
  const summary = await run.done;
  expect(faults(rows, summary)).toEqual([]);
  expect(counted(rows, (row) => `${row.status} ${row.bytes}`)).toEqual({ '200 5': rows.length });
});

it('a kept-alive connection that is closed as it is used again is no failure of the server', async () => {
  // Hangs up on every second request of a connection, without an answer.
  using server = await serveSockets((socket) => {
    let requests = 0;
    socket.on('data', () => {
      requests++;
      if (requests === 2) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  const { run, rows } = gather(runLoad, { port: server.port, requests: [get('/')], arrivals: open(200), durationS: 0.5 });
  const summary = await run.done;
  expect(faults(rows, summary)).toEqual([]);
  expect(summary.errors).toEqual({});
  expect(summary.sent).toBe(rows.length);
});

it.each([
  ['closed', (socket: { end(): void }) => socket.end()],
  ['reset', (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy()],
  ['malformed', (socket: { write(text: string): void }) => socket.write('nonsense\r\n\r\n')],
])('a first request that is not answered is %s', async (kind, treat) => {
  using server = await serveSockets((socket) => socket.once('data', () => treat(socket)));
  const { run, rows } = gather(runLoad, { port: server.port, requests: [get('/')], arrivals: open(100), durationS: 0.3 });
  const summary = await run.done;
  expect(faults(rows, summary)).toEqual([]);
  expect(summary.errors).toEqual({ [kind]: rows.length });
  for (const row of rows) expect(row).toMatchObject({ status: 0, error: kind, firstByteUs: -1, bytes: 0 });
});

it('a refused port gives error rows', async () => {
  const server = await serveHttp(() => {});
  server.close();
  const { run, rows } = gather(runLoad, { port: server.port, requests: [get('/')], arrivals: open(100), durationS: 0.5 });
  const summary = await run.done;
  expect(faults(rows, summary)).toEqual([]);
  expect(rows.length).toBeGreaterThan(20);
  expect(summary).toMatchObject({ sent: 0, done: 0, errors: { refused: rows.length } });
  for (const row of rows) expect(row).toMatchObject({ sentUs: -1, firstByteUs: -1, port: -1, status: 0 });
});

it('a server that dies midway: answers before, errors after', async () => {
  using server = await serveHttp((_, response) => response.end());
  const { run, rows } = gather(runLoad, { port: server.port, requests: [get('/')], arrivals: open(200), durationS: 1.5 });
  await until(() => rows.length > 20);
  server.close();
  const summary = await run.done;
  expect(faults(rows, summary)).toEqual([]);
  expect(summary.done).toBeGreaterThan(20);
  expect(summary.errors['refused']).toBeGreaterThan(20);
});

it('no answer in time is a timeout, with or without a connection', async () => {
  using server = await serveHttp(() => {});
  const { run, rows } = gather(runLoad, {
    port: server.port,
    requests: [get('/')],
    arrivals: open(100),
    durationS: 0.5,
    maxConnections: 3,
    timeoutMs: 200,
  });
  const summary = await run.done;
  expect(faults(rows, summary)).toEqual([]);
  expect(summary).toMatchObject({ done: 0, errors: { timeout: rows.length }, capReached: true, connections: 3 });
  expect(rows.some((row) => row.sentUs < 0)).toBe(true);
  expect(rows.some((row) => row.sentUs >= 0 && row.port > 0)).toBe(true);
});

it('what is still under way three seconds after the last request is a timeout', async () => {
  using server = await serveHttp((request, response) => {
    if (request.url !== '/never') response.end();
  });
  const requests = [get('/never'), get('/soon', 9)];
  const { run, rows } = gather(runLoad, { port: server.port, requests, arrivals: open(100), durationS: 0.5 });
  const summary = await run.done;
  expect(faults(rows, summary)).toEqual([]);
  expect(counted(rows, (row) => `${row.route} ${row.error}`)).toEqual({
    'GET /never timeout': summary.errors['timeout'],
    'GET /soon null': summary.done,
  });
}, 20_000);

it('stop ends it early, with all answers', async () => {
  using server = await serveHttp((_, response) => setTimeout(() => response.end(), 100));
  const { run, rows } = gather(runLoad, { port: server.port, requests: [get('/')], arrivals: open(200), durationS: 60 });
  await until(() => rows.length > 20);
  const summary = await run.stop();
  expect(await run.stop()).toBe(summary);
  expect(faults(rows, summary)).toEqual([]);
  expect(summary.errors).toEqual({});
});

it('stop before the first request', async () => {
  const { run, rows } = gather(runLoad, { port: 1, requests: [get('/')], arrivals: open(200), durationS: 60 });
  expect(await run.stop()).toMatchObject({ sent: 0, done: 0 });
  expect(rows).toEqual([]);
});

it('closed arrivals: never more at once than connections, each sends again when it was answered', async () => {
  let now = 0;
  let most = 0;
  using server = await serveHttp((_, response) => {
    most = Math.max(most, ++now);
    setTimeout(() => {
      now--;
      response.end();
    }, 20);
  });
  const { run, rows } = gather(runLoad, {
    port: server.port,
    requests: [get('/')],
    arrivals: { kind: 'closed', connections: 4 },
    durationS: 0.8,
  });
  const summary = await run.done;
  expect(faults(rows, summary)).toEqual([]);
  expect(most).toBe(4);
  expect(summary).toMatchObject({ errors: {}, connections: 4, capReached: false, lagP99Us: 0 });
  expect(rows.length).toBeGreaterThan(8);
});

it('closed arrivals do not storm a server that is away', async () => {
  const { run, rows } = gather(runLoad, { port: 1, requests: [get('/')], arrivals: { kind: 'closed', connections: 2 }, durationS: 0.5 });
  const summary = await run.done;
  expect(faults(rows, summary)).toEqual([]);
  expect(summary.errors['refused']).toBe(rows.length);
  expect(rows.length).toBeLessThan(30);
});
