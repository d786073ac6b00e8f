import { writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { CaptureMessage, ProbeMessage } from '../model/wire.js';

/** The connection to the capture session. Frames leave in the order they were given. */
export interface Link {
  message(message: ProbeMessage): void;
  /** False when the rows were dropped because capture does not keep up. */
  rows(stream: number, bytes: Uint8Array): boolean;
  /** Hands what is queued to the socket; called at the pace of the flush timer. */
  pump(): void;
  /** Writes everything that is queued without giving the loop a turn: for the target's `exit` event. */
  drainNow(): void;
  end(): void;
}

export interface LinkEvents {
  connected(): void;
  message(message: CaptureMessage): void;
  /** Once: capture is gone, or was never there. Not after `end`. */
  lost(): void;
}

const JSON_FRAME = 1;
const ROWS_FRAME = 2;
const MAX_QUEUED_BYTES = 4 << 20;
const PUMP_AT_BYTES = 256 << 10;
const DRAIN_LIMIT_MS = 2000;

/** Connects to `path` (unix socket or named pipe). The socket never keeps the target alive. */
export function openLink(path: string, events: LinkEvents): Link {
  const socket = connect({ path });
  let queue: Buffer[] = [];
  let queuedBytes = 0;
  let inFlight: Buffer | null = null;
  let open = false;
  let closed = false;

  const lose = () => {
    if (closed) return;
    closed = true;
    queue = [];
    socket.destroy();
    events.lost();
  };
  socket.unref();
  socket.on('error', lose);
  socket.on('close', lose);
  socket.on('connect', () => {
    open = true;
    events.connected();
  });
  socket.on('data', readFrames(events.message));

  const enqueue = (frame: Buffer) => {
    queue.push(frame);
    queuedBytes += frame.length;
    if (queuedBytes > PUMP_AT_BYTES) pump();
  };
  const pump = () => {
    if (closed || !open || inFlight || queue.length === 0) return;
    inFlight = Buffer.concat(queue);
    queue = [];
    queuedBytes = 0;
    socket.write(inFlight, (error) => {
      inFlight = null;
      if (!error && queuedBytes > PUMP_AT_BYTES) pump();
    });
  };

  return {
    message(message) {
      if (!closed) enqueue(frameOf(JSON_FRAME, Buffer.from(JSON.stringify(message))));
    },
    rows(stream, bytes) {
      if (closed || queuedBytes + (inFlight?.length ?? 0) + bytes.length > MAX_QUEUED_BYTES) return false;
      const payload = Buffer.allocUnsafe(bytes.length + 1);
      payload[0] = stream;
      payload.set(bytes, 1);
      enqueue(frameOf(ROWS_FRAME, payload));
      return true;
    },
    pump,
    drainNow() {
      if (closed) return;
      if (!open && queue.length === 0) return;
      drain(socket, inFlight, queue);
      closed = true;
    },
    end() {
      pump();
      closed = true;
      // What still sits in `queue` waits for the write in flight; the half-open socket then closes by itself.
      const rest = queue;
      queue = [];
      if (rest.length > 0) socket.write(Buffer.concat(rest));
      socket.end();
    },
  };
}

function frameOf(type: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(payload.length + 5);
  frame.writeUInt32LE(payload.length + 1, 0);
  frame[4] = type;
  frame.set(payload, 5);
  return frame;
}

function readFrames(take: (message: CaptureMessage) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= 4) {
      const length = pending.readUInt32LE(0);
      if (pending.length < 4 + length) return;
      const type = pending[4];
      const payload = pending.subarray(5, 4 + length);
      pending = pending.subarray(4 + length);
      if (type === JSON_FRAME) take(JSON.parse(payload.toString()) as CaptureMessage);
    }
  };
}

interface StreamHandle {
  fd?: number;
  writeQueueSize?: number;
}

/**
 * libuv has no synchronous write for a socket whose queue may be partly sent, but it tells how many bytes are left: those are the
 * tail of the buffer in flight, and the rest follows by write(2). Named pipes have no descriptor: there the kernel takes what it takes.
 */
function drain(socket: Socket, inFlight: Buffer | null, queue: Buffer[]): void {
  const handle = (socket as unknown as { _handle?: StreamHandle | null })._handle;
  const fd = handle?.fd;
  if (typeof fd !== 'number' || fd < 0) {
    if (queue.length > 0) socket.write(Buffer.concat(queue));
    return;
  }
  const left = inFlight ? Math.min(inFlight.length, handle?.writeQueueSize ?? 0) : 0;
  const bytes = Buffer.concat(inFlight && left > 0 ? [inFlight.subarray(inFlight.length - left), ...queue] : queue);
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const giveUpAt = process.uptime() * 1000 + DRAIN_LIMIT_MS;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || process.uptime() * 1000 > giveUpAt) return;
      Atomics.wait(sleeper, 0, 0, 1);
    }
  }
}
