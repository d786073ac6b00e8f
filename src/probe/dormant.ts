import type { Server } from 'node:net';
import { builtin } from './builtin.js';
import { onChannel } from './channels.js';
import { guarded } from './state.js';

export interface Listening {
  /** 0 for a unix socket. */
  port: number;
  address: string;
}

/**
 * Tells whenever the process has begun to serve. Until then nothing of the probe runs, so that launchers and build steps are left in peace.
 */
export function whenListening(tell: (listening: Listening) => void): () => void {
  const check = (server: Server) => {
    // A turn later: a cluster's primary opens the port for its workers and has given it away by then; port finders have closed it.
    setImmediate(
      guarded(() => {
        const listening = server.listening ? describe(server) : null;
        if (listening) tell(listening);
      }),
    );
  };
  const stopChannel = onChannel<{ server: Server }>('tracing:net.server.listen:asyncEnd', ({ server }) => check(server));
  const stopWrap = publishesListen() ? null : wrapListen(check);
  return () => {
    stopChannel();
    stopWrap?.();
  };
}

/** tsx and others talk over pipes of their own: a pipe counts only when it speaks HTTP. */
function describe(server: Server): Listening | null {
  const address = server.address();
  if (address !== null && typeof address === 'object') return { port: address.port, address: address.address };
  const { Server: HttpServer } = builtin<typeof import('node:http')>('http');
  const { Server: HttpsServer } = builtin<typeof import('node:https')>('https');
  return server instanceof HttpServer || server instanceof HttpsServer ? { port: 0, address: address ?? '' } : null;
}

type Listen = Server['listen'];

function publishesListen(): boolean {
  const { prototype } = builtin<typeof import('node:net')>('net').Server;
  return String((prototype as { _listen2?: unknown })._listen2).includes('asyncEnd');
}

/** Node 18 and early 20 publish nothing. */
function wrapListen(check: (server: Server) => void): () => void {
  const { prototype } = builtin<typeof import('node:net')>('net').Server;
  const original = prototype.listen;
  const wrapped = function (this: Server, ...args: Parameters<Listen>) {
    this.once('listening', () => check(this));
    return Reflect.apply(original, this, args) as Server;
  } as Listen;
  prototype.listen = wrapped;
  return () => {
    if (prototype.listen === wrapped) prototype.listen = original;
  };
}
