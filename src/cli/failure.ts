import { DdxError } from '../errors.js';
import { EXIT } from './exit-codes.js';

/** Says on stderr what went wrong and what to do. Returns the exit code. */
export function tellFailure(error: unknown): number {
  if (error instanceof DdxError) {
    process.stderr.write(`ddx: ${error.message}\n     ${error.next}\n     (${error.code})\n`);
    return error.exitCode;
  }
  const detail = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`ddx: this is a bug in ddx, not in your server. Please report it with what follows (DDX_INTERNAL):\n${detail}\n`);
  return EXIT.bug;
}
