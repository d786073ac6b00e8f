// The target of bench/overhead.mjs. `hello` answers at once; `real` works 1-2 ms: a MAC, a query on a shared socket, a file, some
// thirty awaits, JSON.
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';

const handlers = { hello, real };
const handle = handlers[process.env.WORKLOAD];
const query = process.env.WORKLOAD === 'real' ? connectDatabase(Number(process.env.DATABASE_PORT)) : null;
const server = createServer(handle);
// A twin waits for its turn with open connections.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => console.log(server.address().port, process.version));

function hello(_request, response) {
  response.setHeader('content-length', 5);
  response.end('hello');
}

async function real(request, response) {
  const token = sign(request.url);
  const orders = [];
  for (let i = 0; i < 10; i++) orders.push(await order(i));
  await query();
  const file = await readFile(new URL(import.meta.url), 'utf8');
  const body = JSON.stringify({ token, orders, length: file.length, again: JSON.parse(JSON.stringify(orders)) });
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
}

async function order(id) {
  const lines = await Promise.resolve(Array.from({ length: 40 }, (_, n) => ({ id: n, name: `article ${id}-${n}`, price: n * 1.19 })));
  return { id, lines: await sorted(lines), total: lines.reduce((sum, line) => sum + line.price, 0) };
}

async function sorted(lines) {
  return [...lines].sort((a, b) => b.name.localeCompare(a.name));
}

function sign(text) {
  let digest = text;
  for (let i = 0; i < 100; i++) digest = createHmac('sha256', 'key').update(digest).digest('hex');
  return digest;
}

/** Queries are answered in order on one connection. */
function connectDatabase(port) {
  const waiting = [];
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let pending = '';
  socket.on('data', (chunk) => {
    pending += chunk;
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      pending = pending.slice(end + 1);
      waiting.shift()?.();
    }
  });
  return () =>
    new Promise((done) => {
      waiting.push(done);
      socket.write('select 1\n');
    });
}
