import type { Fact } from '../model/fact.js';
import { type Recording, RequestFlag, type SourceLocation } from '../model/recording.js';
import { callSite } from './sites.js';
import { window } from './window.js';

/** Connections that found no room in the queue of those to be accepted. */
export interface AcceptQueue {
  /** How many may wait in it. */
  backlog: number;
  /** Attempts of the window that found no room, and connections that came through. */
  dropped: number;
  opened: number;
  /** Of attempts, those dropped, 0..1. */
  droppedShare: number;
  /** The line that sets the backlog, where the source shows one; else where the server listens. */
  location: SourceLocation | null;
}

export const acceptQueue: Fact<AcceptQueue> = {
  id: 'accept-queue',
  compute(recording, get) {
    const { startUs, endUs } = get(window);
    const { listenQueue, incoming } = recording.documents;
    if (!listenQueue || !incoming) {
      const enable = 'record on Linux with ss (iproute2), in the network namespace of the target';
      return { ok: false, because: 'the queue of the listening socket could not be read', enable };
    }
    const { requests } = recording.streams;
    let opened = 0;
    for (let row = 0; row < requests.rows; row++) {
      const isIn = requests.startUs[row]! >= startUs && requests.startUs[row]! < endUs;
      if (isIn && (requests.flags[row]! & RequestFlag.first) !== 0) opened++;
    }
    const { backlog, dropped } = listenQueue;
    const listens = incoming.map(({ site }) => callSite(recording, site)).find((found) => found !== null) ?? null;
    return {
      ok: true,
      value: {
        backlog,
        dropped,
        opened,
        droppedShare: dropped > 0 ? dropped / (dropped + opened) : 0,
        location: backlogIn(recording, backlog) ?? listens,
      },
    };
  },
};

/** The one line that says this backlog by name. */
function backlogIn(recording: Recording, backlog: number): SourceLocation | null {
  const says = new RegExp(`backlog['"]?\\s*[:=]\\s*${backlog}\\b`, 'i');
  const found = recording.documents.sources.flatMap(({ file, firstLine, lines }) =>
    lines.flatMap((text, i) => (says.test(text) && !/^\s*(?:\/\/|\*)/.test(text) ? [{ file, line: firstLine + i }] : [])),
  );
  return found.length === 1 ? { ...found[0]!, function: '', source: 'app' } : null;
}
