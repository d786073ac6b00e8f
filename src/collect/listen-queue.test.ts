import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { parseListening, readListenQueue } from './listen-queue.js';

describe('the queue of a listening port', () => {
  it('reads the backlog and the drops of all its sockets', () => {
    const socket = (backlog: number, drops: number) =>
      `LISTEN 0      ${backlog}      127.0.0.1:42717 0.0.0.0:*    \n\t skmem:(r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d${drops})\n`;
    expect(parseListening(socket(8, 794))).toEqual({ backlog: 8, dropped: 794 });
    expect(parseListening(socket(511, 3) + socket(128, 4))).toEqual({ backlog: 128, dropped: 7 });
    expect(parseListening('')).toBeNull();
    expect(parseListening('LISTEN 0 8 127.0.0.1:1 0.0.0.0:*')).toBeNull();
  });

  it('is that of the kernel', async () => {
    const server = createServer();
    const port = await new Promise<number>((done) => {
      server.listen(0, '127.0.0.1', 7, () => done((server.address() as { port: number }).port));
    });
    const queue = await readListenQueue(port, process.pid);
    server.close();
    // Not everywhere is there an ss.
    if (queue) expect(queue).toEqual({ backlog: 7, dropped: 0 });
    expect(await readListenQueue(port, 2 ** 22)).toBeNull();
  });
});
