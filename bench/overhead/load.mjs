import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';

const CONNECTIONS = 8;
const REQUEST = 'GET /orders/42?page=1 HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Closed loop for `ms`; requests answered, and the CPU microseconds of the twin's main thread and of all its threads. */
export async function drive(twin, ms) {
  twin.sockets ??= await Promise.all(Array.from({ length: CONNECTIONS }, () => open(twin.port)));
  const before = cpuOf(twin.pid);
  const until = performance.now() + ms;
  const counts = await Promise.all(twin.sockets.map((socket) => ask(socket, until)));
  const after = cpuOf(twin.pid);
  const requests = counts.reduce((sum, count) => sum + count, 0);
  return { requests, mainUs: after.mainUs - before.mainUs, totalUs: after.totalUs - before.totalUs };
}

function open(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
    socket.setNoDelay(true);
  });
}

function ask(socket, until) {
  return new Promise((resolve) => {
    let answered = 0;
    let text = '';
    const take = (chunk) => {
      text += chunk;
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
      if (text.length < head + 4 + length) return;
      text = '';
      answered++;
      if (performance.now() < until) socket.write(REQUEST);
      else {
        socket.off('data', take);
        resolve(answered);
      }
    };
    socket.setEncoding('latin1');
    socket.on('data', take);
    socket.write(REQUEST);
  });
}

function cpuOf(pid) {
  let totalUs = 0;
  let mainUs = 0;
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    const us = Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[0]) / 1000;
    totalUs += us;
    if (tid === String(pid)) mainUs = us;
  }
  return { mainUs, totalUs };
}
