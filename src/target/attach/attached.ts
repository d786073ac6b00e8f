import { readdirSync } from 'node:fs';
import { isSame, type ProcessFacts, processFacts } from './process-facts.js';

/** A process that somebody else started and that goes on after us. */
export interface AttachedTarget {
  readonly pid: number;
  /** Resolves when it is gone. */
  readonly exited: Promise<void>;
  exit(): { code: null; signal: null } | null;
  stderrTail(): null;
  drained(): Promise<void>;
  /** Stops watching. */
  release(): void;
}

const LOOK_EVERY_MS = 250;

export function watchProcess(facts: ProcessFacts): AttachedTarget {
  let gone = false;
  let timer: NodeJS.Timeout | undefined;
  const exited = new Promise<void>((resolve) => {
    timer = setInterval(() => {
      if (isSame(facts)) return;
      gone = true;
      clearInterval(timer);
      resolve();
    }, LOOK_EVERY_MS).unref();
  });
  return {
    pid: facts.pid,
    exited,
    exit: () => (gone ? { code: null, signal: null } : null),
    stderrTail: () => null,
    drained: () => Promise.resolve(),
    release: () => clearInterval(timer),
  };
}

/** The workers of a cluster's primary: children that node:cluster gave an id. */
export function clusterWorkers(primary: ProcessFacts): ProcessFacts[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processFacts(Number(name)))
    .filter((facts) => facts !== null)
    .filter((facts) => facts.ppid === primary.pid && facts.startEnv('NODE_UNIQUE_ID') !== undefined);
}
