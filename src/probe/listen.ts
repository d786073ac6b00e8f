import type { EventEmitter } from 'node:events';

interface Entry {
  emitter: EventEmitter;
  event: string;
  listener: (...args: unknown[]) => void;
}

const entries = new Set<Entry>();

/**
 * Hears once of an event of something that may outlive the recording (a client's connection, a worker). `forgetAll` takes back what has not
 * come by then: connections that are kept alive would gather a listener with each recording.
 */
export function listenOnce(emitter: EventEmitter, event: string, take: () => void): void {
  const entry: Entry = {
    emitter,
    event,
    listener: () => {
      entries.delete(entry);
      take();
    },
  };
  entries.add(entry);
  emitter.once(event, entry.listener);
}

/** Hears of every such event, before everybody else. Returns what ends that. */
export function listenFirst(emitter: EventEmitter, event: string, take: () => void): () => void {
  const entry: Entry = { emitter, event, listener: take };
  entries.add(entry);
  emitter.prependListener(event, take);
  return () => {
    entries.delete(entry);
    emitter.removeListener(event, take);
  };
}

export function forgetAll(): void {
  for (const { emitter, event, listener } of entries) emitter.removeListener(event, listener);
  entries.clear();
}
