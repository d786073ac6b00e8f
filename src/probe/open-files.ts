import type { Socket } from 'node:net';
import { builtin } from './builtin.js';
import { listenOnce } from './listen.js';
import type { Names } from './names.js';
import type { Probe, Source } from './probe.js';
import { captureFrames } from './stack.js';
import { guarded, state } from './state.js';
import { beginWait, endWait } from './waits.js';
import { type Fn, replace } from './wrap.js';

/** Who opened a descriptor: an index of Names, -1 where that was not looked at. */
type Site = number;

interface Opened {
  site: Site;
  socket: boolean;
}

const MOST_KNOWN = 4000;
const CAPTURES_PER_FLUSH = 15;

let opened: Map<number, Opened> | null = null;
let names: Names | null = null;
let capturesLeft = 0;

/**
 * Which of the descriptors that are open at the end were opened while we looked, and where. The kernel gives a closed descriptor's number to
 * the next one that is opened, so the last opener of a number that is still open is whose it is; closing need not be watched.
 */
export function recordOpenFiles(probe: Probe): Source {
  names = probe.names;
  return {
    mark() {
      opened = new Map();
      capturesLeft = CAPTURES_PER_FLUSH;
    },
    flush() {
      capturesLeft = CAPTURES_PER_FLUSH;
    },
    finish() {
      const open = [...countBySite(opened ?? new Map())].map(([site, count]) => ({ site, count }));
      if (open.length > 0) probe.link.message({ t: 'open-files', open });
    },
    stop() {
      opened = names = null;
    },
  };
}

function countBySite(known: ReadonlyMap<number, Opened>): Map<Site, number> {
  const { fstatSync } = builtin<typeof import('node:fs')>('fs');
  const counts = new Map<Site, number>();
  for (const [fd, { site, socket }] of known) {
    try {
      // A number that went to something of another kind since: a client's connection, say.
      if (fstatSync(fd).isSocket() !== socket) continue;
    } catch {
      continue;
    }
    counts.set(site, (counts.get(site) ?? 0) + 1);
  }
  return counts;
}

/** Wraps what gives a descriptor out. */
export function wrapOpenFiles(): void {
  const fs = builtin<object>('fs');
  replace(fs, 'open', wrapOpen);
  replace(fs, 'openSync', (original) => {
    const wrapped: Fn = function (...args) {
      const fd = Reflect.apply(original, this, args);
      if (opened) note(fd, { site: siteBelow(wrapped), socket: false });
      return fd;
    };
    return wrapped;
  });
  // Streams open their file in a later tick, when nobody's call is on the stack any more.
  for (const name of ['createReadStream', 'createWriteStream'])
    replace(fs, name, (original) => {
      const wrapped: Fn = function (...args) {
        const stream = Reflect.apply(original, this, args);
        if (opened) noteStream(stream as Openable, siteBelow(wrapped));
        return stream;
      };
      return wrapped;
    });
}

interface Openable extends NodeJS.EventEmitter {
  fd?: unknown;
}

const noteStream = guarded((stream: Openable, site: Site) => {
  listenOnce(stream, 'open', () => note(stream.fd, { site, socket: false }));
});

function wrapOpen(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    const callback = args[args.length - 1];
    if (typeof callback !== 'function' || !(state.tracing || opened)) return Reflect.apply(original, this, args);
    const wait = state.tracing ? beginWait('pool/fs', 'fs.open', wrapped) : null;
    const site = opened ? siteBelow(wrapped) : -1;
    args[args.length - 1] = function (this: unknown, ...results: unknown[]) {
      if (wait) endWait(wait, results[0] instanceof Error);
      note(results[1], { site, socket: false });
      return Reflect.apply(callback as Fn, this, results);
    };
    return Reflect.apply(original, this, args);
  };
  return wrapped;
}

/** To be called before a socket of the target's own connects; `below`: the wrapper that the target called. */
export function noteConnecting(socket: Socket, below: Fn): void {
  if (!opened) return;
  const site = siteBelow(below);
  listenOnce(socket, 'connect', () => note((socket as { _handle?: { fd?: unknown } })._handle?.fd, { site, socket: true }));
}

function siteBelow(below: Fn): Site {
  if (!names || capturesLeft <= 0) return -1;
  capturesLeft--;
  try {
    return names.site(captureFrames(below));
  } catch {
    return -1;
  }
}

function note(fd: unknown, by: Opened): void {
  if (!opened || typeof fd !== 'number' || fd < 0) return;
  if (opened.size < MOST_KNOWN || opened.has(fd)) opened.set(fd, by);
}
