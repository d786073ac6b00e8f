/** Progress on stderr: one live line on a terminal, a plain line per phase elsewhere. */
export interface Progress {
  phase(text: string): void;
  status(text: string): void;
  note(text: string): void;
  /** Removes the live line. */
  done(): void;
}

export function createProgress(): Progress {
  const { stderr } = process;
  const live = stderr.isTTY === true && process.env.TERM !== 'dumb' && !process.env.CI;
  const startedMs = performance.now();
  let phase = '';
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write('\r\x1b[2K');
    shown = false;
  };
  const draw = (text: string): void => {
    clear();
    stderr.write(`ddx  ${text}`.slice(0, Math.max(20, (stderr.columns ?? 80) - 1)));
    shown = true;
  };
  return {
    phase(text) {
      phase = text;
      if (live) draw(phase);
      else stderr.write(`ddx  ${((performance.now() - startedMs) / 1000).toFixed(1).padStart(5)} s  ${text}\n`);
    },
    status(text) {
      if (live) draw(`${phase}  ${text}`);
    },
    note(text) {
      clear();
      stderr.write(`ddx  note: ${text}\n`);
    },
    done: clear,
  };
}
