import type { Socket } from 'node:net';
import { builtin } from './builtin.js';
import { nowUs } from './clock.js';
import { noteConnecting } from './open-files.js';
import { guarded, state } from './state.js';
import { createTag } from './tag.js';
import { type Fn, replace } from './wrap.js';

/** When a connection came about; -1 for steps that were not needed or did not happen. */
export interface Opening {
  readonly startUs: number;
  lookedUpUs: number;
  connectedUs: number;
  securedUs: number;
  used: boolean;
}

const openings = createTag<Opening>();

/** Follows every connection that is opened, whichever library opens it. Listeners on these events change nothing for a socket. */
export function wrapSockets(): void {
  replace(builtin<typeof import('node:net')>('net').Socket.prototype, 'connect', (original) => {
    const connect: Fn = function (...args) {
      if (state.tracing) follow(this as Socket);
      noteOpening(this as Socket, connect);
      return Reflect.apply(original, this, args);
    };
    return connect;
  });
}

/** How `socket` was opened, told once, to the first who uses it, and only where that ended after the call at `sinceUs`. */
export function openingFor(socket: object, sinceUs: number): Opening | null {
  const opening = openings.get(socket);
  if (!opening || opening.used) return null;
  opening.used = true;
  const readyUs = Math.max(opening.connectedUs, opening.securedUs);
  return opening.connectedUs < 0 || readyUs > sinceUs ? opening : null;
}

const noteOpening = guarded(noteConnecting);

const follow = guarded((socket: Socket) => {
  const opening: Opening = { startUs: nowUs(), lookedUpUs: -1, connectedUs: -1, securedUs: -1, used: false };
  openings.set(socket, opening);
  socket.once('lookup', () => {
    opening.lookedUpUs = nowUs();
  });
  socket.once('connect', () => {
    opening.connectedUs = nowUs();
  });
  if (!(socket as { encrypted?: boolean }).encrypted) return;
  socket.once('secureConnect', () => {
    opening.securedUs = nowUs();
  });
});
