import { bottomLine } from './bottom-line.js';

/** Progress on stderr: one live line on a terminal, a plain line per phase elsewhere. */
export interface Progress {
  phase(text: string): void;
  status(text: string): void;
  note(text: string): void;
  /** Removes the live line. */
  done(): void;
}

const SHORTEST_TERMINAL = 6;

export function createProgress(): Progress {
  const { stderr } = process;
  const startedMs = performance.now();
  const live = stderr.isTTY === true && process.env.TERM !== 'dumb' && !process.env.CI && stderr.rows >= SHORTEST_TERMINAL;
  const line = live ? bottomLine(stderr) : null;
  let phase = '';
  return {
    phase(text) {
      phase = text;
      if (line) line.show(`ddx  ${phase}`);
      else stderr.write(`ddx  ${((performance.now() - startedMs) / 1000).toFixed(1).padStart(5)} s  ${text}\n`);
    },
    status(text) {
      line?.show(`ddx  ${phase}  ${text}`);
    },
    note(text) {
      stderr.write(`ddx  note: ${text}\n`);
    },
    done: () => line?.remove(),
  };
}
