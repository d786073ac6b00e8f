import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** When a client that had stopped reading began again, and when it had read all. Microseconds of process.hrtime. */
export interface Reading {
  resumedUs: number;
  doneUs: number;
}

const PAUSE_MS = 300;

/** Asks `times` times for `path`, each on a connection of its own, and takes its time to read what comes; fewer times if the server ends. */
export async function readSlowly(port: number, path: string, times: number): Promise<Reading[]> {
  const readings: Reading[] = [];
  try {
    for (let i = 0; i < times; i++) readings.push(await readOnce(port, path));
  } catch {
    // The recording was over.
  }
  return readings;
}

async function readOnce(port: number, path: string): Promise<Reading> {
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  const ended = new Promise<number>((resolve, reject) => socket.on('end', () => resolve(nowUs())).on('error', reject));
  // It is waited for below; until then an error is nobody's.
  ended.catch(() => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
  await delay(PAUSE_MS);
  const resumedUs = nowUs();
  socket.on('data', () => {});
  socket.resume();
  return { resumedUs, doneUs: await ended };
}

function nowUs(): number {
  return Number(process.hrtime.bigint()) / 1000;
}
