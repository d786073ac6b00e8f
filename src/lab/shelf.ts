import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Truth } from './scenario.js';
import type { NamedRun } from './score-book.js';

/** A recording of a scored run, with what was really wrong. */
export interface Shelved {
  file: string;
  truth: Truth;
}

/**
 * Recordings of scored runs, kept in a folder of this machine so that changed rules can judge them again: making one takes a quarter of a
 * minute of a quiet machine, judging it a fraction of a second.
 */
export interface Shelf {
  /** Copies `recording` here; nothing where the run left none. */
  put(run: NamedRun, recording: string, truth: Truth): void;
  find(run: NamedRun): Shelved | null;
}

export function openShelf(dir: string): Shelf {
  const pathOf = ({ scenario, family, seed, attempt, sick, node }: NamedRun): string =>
    join(dir, [scenario.replace('/', '-'), family, seed, attempt, sick ? 'sick' : 'healthy', node].join('_'));
  return {
    put(run, recording, truth) {
      if (!existsSync(recording)) return;
      mkdirSync(dir, { recursive: true });
      copyFileSync(recording, `${pathOf(run)}.ddx`);
      writeFileSync(`${pathOf(run)}.json`, JSON.stringify(truth));
    },
    find(run) {
      const path = pathOf(run);
      if (!existsSync(`${path}.ddx`) || !existsSync(`${path}.json`)) return null;
      return { file: `${path}.ddx`, truth: JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Truth };
    },
  };
}
