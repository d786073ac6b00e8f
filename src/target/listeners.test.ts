import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listenersOf, ownerOfPort, parseNetTcp } from './listeners.js';
import { addressInUse } from './serving.js';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const TAIL = '00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0';

describe('parseNetTcp', () => {
  it.each([
    ['0100007F:0BB8', 3000, '127.0.0.1'],
    ['00000000:1F90', 8080, '0.0.0.0'],
    ['00000000000000000000000000000000:1F90', 8080, '::'],
    ['00000000000000000000000001000000:1F90', 8080, '::1'],
    ['B80D0120000000000000000001000000:0050', 80, '2001:db8:0:0:0:0:0:1'],
  ])('reads %s', (local, port, address) => {
    expect(parseNetTcp(`${HEAD}   0: ${local} 00000000:0000 0A ${TAIL}\n`)).toEqual([{ inode: '4711', port, address }]);
  });

  it('passes over connections that are no listeners', () => {
    expect(parseNetTcp(`${HEAD}   0: 0100007F:0BB8 0100007F:0BB9 01 ${TAIL}\n`)).toEqual([]);
  });

  it('never throws on any text', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseNetTcp(text)));
  });
});

describe.runIf(process.platform === 'linux')('listenersOf', () => {
  it('finds a port that this process opened, and its owner', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(listenersOf([process.pid])).toContainEqual({ port, address: '127.0.0.1', pid: process.pid });
    expect(ownerOfPort(port)).toBe(process.pid);
    server.close();
    await once(server, 'close');
    expect(ownerOfPort(port)).toBeNull();
  });
});

describe('addressInUse', () => {
  it.each([
    ['Error: listen EADDRINUSE: address already in use :::3000', 3000],
    ['Error: listen EADDRINUSE: address already in use ::1:3000\n    at Server.setupListenHandle', 3000],
    ['Error: listen EADDRINUSE: address already in use 127.0.0.1:8080', 8080],
    ["  code: 'EADDRINUSE',\n  errno: -98,\n  port: 4000\n", 4000],
    ['OSError: [Errno 98] Address already in use', 0],
    ['TypeError: boom at server.js:30', null],
  ])('%s', (stderr, port) => {
    expect(addressInUse(stderr)).toBe(port);
  });
});
