import type { WriteStream } from 'node:tty';

export interface BottomLine {
  show(text: string): void;
  /** Gives the line back. Further calls do nothing, until something is shown again. */
  remove(): void;
}

const SAVE = '\x1b7';
const RESTORE = '\x1b8';
const CLEAR = '\x1b[2K';

/**
 * Keeps the terminal's last line for ourselves: the target writes to the same terminal whenever it likes, and a line that is rewritten in
 * place would be torn by it. Everything above scrolls within the remaining lines (DECSTBM), as under apt.
 */
export function bottomLine(terminal: WriteStream): BottomLine {
  let shown: string | null = null;

  const draw = () => {
    if (shown !== null) terminal.write(`${SAVE}\x1b[${terminal.rows};1H${CLEAR}${shown.slice(0, terminal.columns - 1)}${RESTORE}`);
  };
  // Setting the margins moves the cursor home. The line feed before makes room where the cursor is on the last line.
  const reserve = () => {
    terminal.write(`\n${SAVE}\x1b[1;${terminal.rows - 1}r${RESTORE}\x1b[1A`);
    draw();
  };
  const restore = () => terminal.write(`${SAVE}\x1b[r\x1b[${terminal.rows};1H${CLEAR}${RESTORE}`);
  const onResize = () => reserve();

  return {
    show(text) {
      const isFirst = shown === null;
      shown = text;
      if (!isFirst) {
        draw();
        return;
      }
      terminal.on('resize', onResize);
      process.on('exit', restore);
      reserve();
    },
    remove() {
      if (shown === null) return;
      shown = null;
      terminal.removeListener('resize', onResize);
      process.removeListener('exit', restore);
      restore();
    },
  };
}
