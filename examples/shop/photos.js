import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { isSick } from './illness.js';
import { encodePng } from './png.js';

const CORES = availableParallelism();
const THREADS = isSick('thrash') ? Math.min(128, CORES * 8) : Math.max(1, CORES - 1);
const STRIPS = isSick('thrash') ? THREADS : 1;

const workers = [];
const idle = [];
const waiting = [];

export function readPhoto(name) {
  return readFile(pathOf(name));
}

/** A PNG file of that width. The main thread stays free while worker threads compute. */
export async function thumbnail(name, width) {
  const jobs = Array.from({ length: STRIPS }, (_, strip) => run({ file: pathOf(name), width, strip, strips: STRIPS }));
  const parts = await Promise.all(jobs);
  return encodePng({ width, height: parts[0].height, rgb: Buffer.concat(parts.map((part) => part.rgb)) });
}

export function closePhotos() {
  return Promise.all(workers.map((worker) => worker.terminate()));
}

/** Threads are started when they are first needed. Jobs that find none idle queue here, not in the kernel. */
function run(job) {
  return new Promise((resolve) => {
    waiting.push({ job, resolve });
    if (idle.length === 0 && workers.length < THREADS) startWorker();
    next();
  });
}

function next() {
  if (idle.length === 0 || waiting.length === 0) return;
  const worker = idle.pop();
  const { job, resolve } = waiting.shift();
  worker.once('message', (part) => {
    idle.push(worker);
    resolve(part);
    next();
  });
  worker.postMessage(job);
}

function startWorker() {
  const worker = new Worker(new URL('./photo-worker.js', import.meta.url));
  workers.push(worker);
  worker.once('online', () => {
    idle.push(worker);
    next();
  });
}

function pathOf(name) {
  return fileURLToPath(new URL(`./photos/${name}`, import.meta.url));
}
