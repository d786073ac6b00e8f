import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaptureMessage, ProbeConfig, ProbeMessage } from '../../model/wire.js';

/** What one probe sent, decoded. `rows[stream]` are objects by column; `text` resolves indices announced by `string`. */
export interface ProbeSession {
  messages: ProbeMessage[];
  rows: Record<string, Record<string, number>[]>;
  text: Map<number, string>;
  closed: boolean;
  send(message: CaptureMessage): void;
  destroy(): void;
}

export interface Endpoint {
  readonly folder: string;
  readonly sessions: ProbeSession[];
  env(depth?: ProbeConfig['depth']): { DDX_PROBE: string };
  close(): void;
}

/** Capture's end of the wire, small: listens like capture does and keeps everything. */
export async function startEndpoint(): Promise<Endpoint> {
  const folder = mkdtempSync(join(tmpdir(), 'ddx-test-'));
  const socket = join(folder, 'probe.sock');
  const originUs = Math.floor(Number(process.hrtime.bigint()) / 1000);
  const sessions: ProbeSession[] = [];
  const server = createServer((connection) => sessions.push(accept(connection)));
  await new Promise<void>((done) => server.listen(socket, done));
  return {
    folder,
    sessions,
    env: (depth = 'standard') => ({ DDX_PROBE: JSON.stringify({ v: 1, socket, originUs, depth } satisfies ProbeConfig) }),
    close() {
      for (const session of sessions) session.destroy();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function accept(connection: Socket): ProbeSession {
  let pending = Buffer.alloc(0);
  let streams: { name: string; columns: string[] }[] = [];
  const session: ProbeSession = {
    messages: [],
    rows: {},
    text: new Map(),
    closed: false,
    send(message) {
      const body = Buffer.from(JSON.stringify(message));
      const head = Buffer.alloc(5);
      head.writeUInt32LE(body.length + 1, 0);
      head[4] = 1;
      connection.write(Buffer.concat([head, body]));
    },
    destroy: () => connection.destroy(),
  };
  const takeJson = (message: ProbeMessage) => {
    session.messages.push(message);
    if (message.t === 'hello') streams = message.streams;
    if (message.t === 'string') session.text.set(message.i, message.s);
  };
  const takeRows = (payload: Buffer) => {
    const stream = streams[payload[0]!]!;
    session.rows[stream.name] ??= [];
    const width = stream.columns.length * 8;
    if ((payload.length - 1) % width !== 0) throw new Error(`torn rows of ${stream.name}`);
    for (let at = 1; at < payload.length; at += width) {
      const row: Record<string, number> = {};
      stream.columns.forEach((column, i) => {
        row[column] = payload.readDoubleLE(at + i * 8);
      });
      session.rows[stream.name]!.push(row);
    }
  };
  connection.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32LE(0)) {
      const end = 4 + pending.readUInt32LE(0);
      const payload = pending.subarray(5, end);
      if (pending[4] === 1) takeJson(JSON.parse(payload.toString()) as ProbeMessage);
      else takeRows(payload);
      pending = pending.subarray(end);
    }
  });
  connection.on('error', () => {});
  connection.on('close', () => {
    session.closed = true;
  });
  return session;
}
