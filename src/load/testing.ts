import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import { STREAMS } from '../model/recording.js';
import {
  ERROR_KINDS,
  type LoadEvents,
  type LoadOptions,
  type LoadRun,
  type LoadSummary,
  type RequestTemplate,
  routesOf,
} from './options.js';

/** For tests: a row of STREAMS.client with its indices resolved. */
export interface ClientRow {
  intendedUs: number;
  sentUs: number;
  firstByteUs: number;
  doneUs: number;
  route: string;
  status: number;
  error: string | null;
  port: number;
  bytes: number;
}

export type Start = (options: LoadOptions, on: LoadEvents) => LoadRun;

export interface Running {
  run: LoadRun;
  rows: ClientRow[];
  batches: number[];
}

const COLUMNS = STREAMS.client.length;

/** Starts a load and gathers its rows. */
export function gather(start: Start, options: Omit<LoadOptions, 'host' | 'originUs'>): Running {
  const rows: ClientRow[] = [];
  const batches: number[] = [];
  const routes = routesOf(options.requests);
  const time = process.hrtime();
  const run = start(
    { host: '127.0.0.1', originUs: time[0] * 1e6 + Math.floor(time[1] / 1e3), ...options },
    {
      rows: (batch) => {
        batches.push(batch.length / COLUMNS);
        for (let at = 0; at < batch.length; at += COLUMNS) rows.push(rowAt(batch, at, routes));
      },
    },
  );
  return { run, rows, batches };
}

/** What must hold of every run, whatever happened to it. */
export function faults(rows: readonly ClientRow[], summary: LoadSummary): string[] {
  const found: string[] = [];
  const failed = Object.values(summary.errors).reduce((sum, count) => sum + count, 0);
  if (rows.length !== summary.done + failed) found.push(`${rows.length} rows, ${summary.done} done, ${failed} failed`);
  for (const row of rows) {
    const answered = row.status > 0;
    if (answered !== (row.error === null)) found.push(`status and error contradict: ${JSON.stringify(row)}`);
    const times = [row.intendedUs, row.sentUs, row.firstByteUs, row.doneUs].filter((us) => us >= 0);
    if (times.some((us, i) => !Number.isInteger(us) || us < (times[i - 1] ?? 0))) found.push(`times run back: ${JSON.stringify(row)}`);
    if (answered && (row.sentUs < 0 || row.firstByteUs < 0 || row.port <= 0))
      found.push(`answered without a connection: ${JSON.stringify(row)}`);
  }
  return found;
}

export function get(path: string, weight = 1): RequestTemplate {
  return { method: 'GET', path, route: `GET ${path.replace(/\?.*/, '')}`, weight };
}

export async function serveHttp(listener: RequestListener, configure: (server: Server) => void = () => {}) {
  const server = createHttpServer(listener);
  configure(server);
  return listening(server, () => server.closeAllConnections());
}

export async function serveSockets(listener: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createNetServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    listener(socket);
  });
  return listening(server, () => {
    for (const socket of sockets) socket.destroy();
  });
}

async function listening(server: NetServer, drop: () => void) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    drop();
  };
  return { port: (server.address() as AddressInfo).port, close, [Symbol.dispose]: close };
}

function rowAt(batch: Float64Array, at: number, routes: string[]): ClientRow {
  const error = batch[at + 6]!;
  return {
    intendedUs: batch[at]!,
    sentUs: batch[at + 1]!,
    firstByteUs: batch[at + 2]!,
    doneUs: batch[at + 3]!,
    route: routes[batch[at + 4]!]!,
    status: batch[at + 5]!,
    error: error < 0 ? null : ERROR_KINDS[error]!,
    port: batch[at + 7]!,
    bytes: batch[at + 8]!,
  };
}
