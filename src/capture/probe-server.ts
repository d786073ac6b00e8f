import { chmodSync, chownSync, mkdtempSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { CaptureMessage } from '../model/wire.js';
import { type Frame, frameReader } from './frames.js';

export interface ProbeConnection {
  send(message: CaptureMessage): void;
  /** Resolves when the probe has closed its side. */
  readonly closed: Promise<void>;
}

export interface ProbeServer {
  /** Path for the probe's configuration. */
  readonly socket: string;
  /** The private folder it lies in; removed by close(). */
  readonly folder: string;
  close(): void;
}

/** For a process that is not our child. */
export interface Guest {
  /** Who may connect besides us: its user. Null: it is ours. */
  owner: { uid: number; gid: number } | null;
  /** Its root folder as we see it, "" where it sees the same files as we do. */
  root: string;
}

/**
 * Waits for probes on a unix socket in a private folder (0700), a named pipe on Windows. Another user's process gets the folder for its own,
 * so that it can connect and nobody else; nothing but the socket may be put there then. `onProbe` is called for each connection and
 * returns what takes its frames. Whoever sends anything but frames is cut off.
 */
export async function listenForProbes(
  onProbe: (connection: ProbeConnection) => (frame: Frame) => void,
  { owner, root }: Guest = { owner: null, root: '' },
): Promise<ProbeServer> {
  const folder = mkdtempSync(join(root === '' ? tmpdir() : `${root}/tmp`, 'ddx-'));
  const path = process.platform === 'win32' ? `\\\\.\\pipe\\${basename(folder)}` : join(folder, 'probe.sock');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const take = onProbe({ send: (message) => socket.write(encode(message)), closed });
    const read = frameReader(take);
    socket.on('data', (chunk) => {
      try {
        read(chunk);
      } catch {
        socket.destroy();
      }
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  if (owner) for (const given of [path, folder]) chownSync(given, owner.uid, owner.gid);
  const removeFolder = () => {
    if (owner) removeGiven(path, folder);
    else rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', removeFolder);
  return {
    socket: path.slice(root.length),
    folder,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      removeFolder();
      process.removeListener('exit', removeFolder);
    },
  };
}

/** Never by walking through a folder that is another user's by now. */
function removeGiven(path: string, folder: string): void {
  for (const remove of [() => unlinkSync(path), () => rmdirSync(folder)]) {
    try {
      remove();
    } catch {
      // Closing the server, or the probe, has done it.
    }
  }
}

function encode(message: CaptureMessage): Buffer {
  const json = Buffer.from(JSON.stringify(message));
  const frame = Buffer.alloc(5 + json.length);
  frame.writeUInt32LE(json.length + 1, 0);
  frame[4] = 1;
  json.copy(frame, 5);
  return frame;
}
