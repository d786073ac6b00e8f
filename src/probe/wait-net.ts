import type { Socket } from 'node:net';
import { builtin } from './builtin.js';
import { NOBODY } from './charge.js';
import { nowUs } from './clock.js';
import { isPatched } from './modules.js';
import { captureFrames } from './stack.js';
import { guarded, state } from './state.js';
import { createTag } from './tag.js';
import { beginWait, endWait, type Wait } from './waits.js';
import { type Fn, replace } from './wrap.js';

/** A connection that this process opened, whatever is spoken on it. */
interface Line {
  readonly dest: string;
  readonly open: Exchange[];
  lastDataUs: number;
}

const lines = createTag<Line>();
/** Served connections, pipes to children, HTTP's own. */
const NOT_OURS: Line = { dest: '', open: [], lastDataUs: -1 };
const MOST_OPEN = 64;

/**
 * Something written on a connection for a request, until it is answered. On a connection with one question at a time the next data is the
 * answer. Where several requests share one, nobody but the protocol's owner knows whose answer came: the wait then ends with the last data
 * before its request writes again or is done.
 */
class Exchange {
  readonly line: Line;
  readonly wait: Wait;
  constructor(line: Line, wait: Wait) {
    this.line = line;
    this.wait = wait;
  }
  get answered(): boolean {
    return this.line.lastDataUs > this.wait.startUs;
  }
  settleEarly(): void {
    if (this.answered) endWait(this.wait, false, this.line.lastDataUs);
    const at = this.line.open.indexOf(this);
    if (at >= 0) this.line.open.splice(at, 1);
  }
}

/** Watches what clients write on TCP and TLS connections of their own and when data comes back; returns the function that stops it. */
export function watchNet(): () => void {
  const prototype = builtin<typeof import('node:net')>('net').Socket.prototype as unknown as { push?: Fn };
  replace(prototype, '_writeGeneric', (original) => {
    const wrapped: Fn = function (...args) {
      if (state.tracing) asked(this as Socket, wrapped);
      return Reflect.apply(original, this, args);
    };
    return wrapped;
  });
  const inherited = prototype.push!;
  let on = true;
  const push: Fn = function (...args) {
    if (on && args[0] !== null) heard(this as Socket);
    return Reflect.apply(inherited, this, args);
  };
  Object.defineProperty(prototype, 'push', { value: push, configurable: true, writable: true });
  return () => {
    on = false;
    if (prototype.push === push) delete prototype.push;
  };
}

const asked = guarded((socket: Socket, below: Fn) => {
  const line = lineOf(socket);
  if (!line || line.open.length >= MOST_OPEN) return;
  const wait = beginWait('net', line.dest, below);
  if (!wait || wait.owner === NOBODY) return;
  const before = line.open.find((exchange) => exchange.wait.owner === wait.owner);
  // Written in several pieces: one question.
  if (before && !before.answered) return;
  before?.settleEarly();
  const exchange = new Exchange(line, wait);
  line.open.push(exchange);
  // One for each connection, or a request that goes on for days would collect them.
  wait.owner.halfAnswered ??= [];
  const list = wait.owner.halfAnswered;
  const at = list.findIndex((one) => one instanceof Exchange && one.line === line);
  if (at < 0) list.push(exchange);
  else list[at] = exchange;
});

const heard = guarded((socket: Socket) => {
  const line = lines.get(socket);
  if (!line || line.open.length === 0) return;
  line.lastDataUs = nowUs();
  // Whose answer it is only the protocol's owner knows: none of them can be said to have had none.
  for (const { wait } of line.open) wait.answering = true;
  if (line.open.length === 1) endWait(line.open.pop()!.wait, false);
});

function lineOf(socket: Socket): Line | null {
  const known = lines.get(socket);
  if (known) return known === NOT_OURS ? null : known;
  const { remoteAddress, remotePort } = socket;
  // Not connected yet: it is written again as soon as it is.
  if (socket.connecting) return null;
  const { server, _httpMessage } = socket as { server?: unknown; _httpMessage?: unknown };
  const ours = remotePort !== undefined && !server && !_httpMessage && !isToldByOthers();
  const line = ours ? { dest: `tcp://${remoteAddress}:${remotePort}`, open: [], lastDataUs: -1 } : NOT_OURS;
  lines.set(socket, line);
  return ours ? line : null;
}

/** The first write on a connection shows who speaks on it: drivers tell their statements, fetch its calls. */
function isToldByOthers(): boolean {
  return captureFrames(isToldByOthers).some(({ url }) => isPatched(url) || url.startsWith('node:internal/deps/undici'));
}
