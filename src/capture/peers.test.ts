import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Documents, Recording } from '../model/recording.js';
import type { ProbeMessage } from '../model/wire.js';
import { recordingHeader } from './header.js';
import { createLocator } from './locations.js';
import { openPeers, type Peers, unknownProcess } from './peers.js';
import { startTape } from './tape.js';

let peers: Peers;
beforeEach(async () => {
  peers = await openPeers();
});
afterEach(() => peers.close());

/** Speaks as a probe does. */
class Probe {
  readonly socket: Socket;
  heard = '';
  constructor() {
    this.socket = connect(peers.socket);
    this.socket.on('error', () => {});
    this.socket.on('data', (bytes) => {
      this.heard += bytes.toString('latin1');
    });
  }
  say(...messages: ProbeMessage[]): void {
    for (const message of messages) this.#frame(1, Buffer.from(JSON.stringify(message)));
  }
  rows(stream: number, ...values: number[]): void {
    this.#frame(2, Buffer.concat([Buffer.of(stream), Buffer.from(Float64Array.from(values).buffer)]));
  }
  #frame(type: number, payload: Buffer): void {
    const head = Buffer.alloc(5);
    head.writeUInt32LE(payload.length + 1, 0);
    head[4] = type;
    this.socket.write(Buffer.concat([head, payload]));
  }
}

const hello = (pid: number): ProbeMessage => ({
  t: 'hello',
  pid,
  ppid: 1,
  title: 'node',
  script: 'x.js',
  versions: { node: '22.0.0' },
  features: { loop: true },
  streams: [
    { name: 'from the future' as never, columns: ['a'] },
    { name: 'requests', columns: ['route', 'id', 'status'] },
    { name: 'waits', columns: ['site', 'kind', 'startUs'] },
  ],
});
const listening = (port: number): ProbeMessage => ({ t: 'listening', port, address: '127.0.0.1' });

/** Begins to record what serves `port`; `end` gives the recording back. */
function record(port: number): { end(): Promise<Recording> } {
  const header = recordingHeader({ ddxVersion: '0', originUs: 0, command: [], cwd: '/', depth: 'standard', pid: 1, port });
  const tape = startTape(null, peers.folder, header, (error) => {
    throw error;
  });
  const documents: Documents = { processes: [], sites: [], profiles: [], heapProfiles: [], sources: [], spawns: [] };
  const procOf = (pid: number): number => {
    const known = documents.processes.findIndex((process) => process.pid === pid);
    return known >= 0 ? known : documents.processes.push(unknownProcess(pid)) - 1;
  };
  peers.record(port, {
    tape,
    locator: createLocator('/', '/nowhere/preload.cjs'),
    documents,
    process: (proc) => documents.processes[proc]!,
    procOf,
  });
  return {
    async end() {
      await peers.finish(documents, 500);
      return tape.end(documents);
    },
  };
}

describe('peers', () => {
  it('knows what listens before anything is recorded', async () => {
    new Probe().say(hello(77), listening(3000), listening(9000));
    await expect
      .poll(() => peers.listeners())
      .toEqual([
        { port: 3000, address: '127.0.0.1', pid: 77 },
        { port: 9000, address: '127.0.0.1', pid: 77 },
      ]);
  });

  it('translates what each of two processes numbered for itself, from the first frame on', async () => {
    const [one, two] = [new Probe(), new Probe()];
    one.say(hello(10), { t: 'string', i: 0, s: 'GET /a' }, { t: 'string', i: 1, s: 'http' });
    one.rows(0, 5, 5, 5);
    one.rows(1, 0, 7, 200);
    one.say(listening(3000), { t: 'site', i: 4, frames: [{ function: 'f', url: '/app/f.js', line: 3, column: 1 }] });
    one.rows(2, 4, 1, 1000, -1, 1, 2000);
    two.say(hello(20), listening(3000), { t: 'string', i: 0, s: 'GET /b' });
    two.rows(1, 0, 7, 500);
    await expect.poll(() => peers.listeners().length).toBe(2);
    const recording = record(3000);
    await expect.poll(() => peers.seen().requests).toBe(2);
    const ended = recording.end();
    for (const probe of [one, two]) {
      await expect.poll(() => probe.heard).toContain('"finish"');
      probe.say({ t: 'bye', dropped: { turns: 3 }, selfUs: 50 });
      probe.socket.end();
    }
    const { streams, strings, documents } = await ended;
    expect([...streams.requests.route].map((index) => strings[index]).sort()).toEqual(['GET /a', 'GET /b']);
    expect([...streams.requests.proc].sort()).toEqual([0, 1]);
    expect([...streams.requests.startUs]).toEqual([-1, -1]);
    expect([...streams.waits.kind].map((index) => strings[index])).toEqual(['http', 'http']);
    expect([...streams.waits.site]).toEqual([0, -1]);
    expect(documents.sites).toEqual([{ frames: [expect.objectContaining({ file: 'app/f.js', line: 3, source: 'app' })] }]);
    expect(documents.processes.map(({ role, runtime }) => [role, runtime])).toEqual([
      ['target', 'node'],
      ['target', 'node'],
    ]);
  });

  it('sends away a process that serves something else, and keeps nothing of it', async () => {
    const other = new Probe();
    other.say(hello(30), listening(9000));
    await expect.poll(() => peers.listeners().length).toBe(1);
    const recording = record(3000);
    await expect.poll(() => other.heard, { timeout: 5000 }).toContain('"off"');
    other.rows(1, 0, 7, 200);
    const { streams } = await recording.end();
    expect(streams.requests.rows).toBe(0);
    expect(peers.recording()).toBe(0);
  });

  it('cuts off who is no probe', async () => {
    const stranger = new Probe();
    stranger.socket.write('GET / HTTP/1.1\r\n\r\n');
    await once(stranger.socket, 'close');
    expect(peers.listeners()).toEqual([]);
  });

  it('does not wait for a probe that says nothing more, and cleans up', async () => {
    const silent = new Probe();
    silent.say(hello(40), listening(3000));
    await expect.poll(() => peers.listeners().length).toBe(1);
    const { documents } = await record(3000).end();
    expect(documents.processes).toHaveLength(1);
    peers.close();
    expect(existsSync(peers.folder)).toBe(false);
  });
});
