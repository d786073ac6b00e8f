import type { EventEmitter } from 'node:events';
import { builtin } from './builtin.js';
import { current, NOBODY } from './charge.js';
import { listenFirst } from './listen.js';
import { state } from './state.js';
import { createTag } from './tag.js';
import { beginWait, endWait } from './waits.js';
import { type Fn, replace } from './wrap.js';

/** Streams that are full and have not drained yet. */
const full = createTag<boolean>();

/**
 * Backpressure: from the write that filled a stream's buffer until it has drained, for who pays heed to it. Duplex has copies of Writable's
 * methods, messages of HTTP have their own.
 */
export function wrapStreams(): void {
  const { Writable, Duplex } = builtin<typeof import('node:stream')>('stream');
  const { OutgoingMessage } = builtin<typeof import('node:http')>('http');
  for (const { prototype } of [Writable, Duplex, OutgoingMessage]) replace(prototype, 'write', wrapWrite);
}

function wrapWrite(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    const taken = Reflect.apply(original, this, args);
    if (taken === false && state.tracing && current !== NOBODY) waitForDrain(this as EventEmitter, wrapped);
    return taken;
  };
  return wrapped;
}

function waitForDrain(stream: EventEmitter, below: Fn): void {
  try {
    if (full.get(stream)) return;
    const wait = beginWait('stream', stream.constructor.name, below);
    if (!wait) return;
    full.set(stream, true);
    const over = () => {
      for (const stop of stops) stop();
      full.set(stream, false);
      endWait(wait, false);
    };
    const stops = [listenFirst(stream, 'drain', over), listenFirst(stream, 'close', over)];
  } catch {}
}
