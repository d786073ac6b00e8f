/**
 * Every failure a user can meet: a stable code, what happened (with the place), what to do next.
 * docs/errors.md is generated from this table; test/catalogue.test.ts insists that they agree.
 */
export const ERRORS = {
  DDX_USAGE: { exit: 2, title: 'The command line is not understood' },
  DDX_OUTPUT_UNWRITABLE: { exit: 2, title: 'A file that ddx should write cannot be written' },
  DDX_RECORDING_MISSING: { exit: 2, title: 'The recording does not exist' },
  DDX_RECORDING_FOREIGN: { exit: 2, title: 'The file is not a ddx recording' },
  DDX_RECORDING_NEWER: { exit: 2, title: 'The recording was made by a newer ddx' },
  DDX_RECORDING_DAMAGED: { exit: 2, title: 'The recording is damaged beyond use' },
  DDX_TARGET_FOREIGN: { exit: 2, title: 'The target of a load is not on this machine' },
  DDX_SCENARIO: { exit: 2, title: 'The scenario of a load cannot be used' },
  DDX_UNKNOWN_RULE: { exit: 2, title: 'No rule has that name' },
  DDX_LAB_PACKAGES_MISSING: { exit: 2, title: 'npm packages that a scenario is made of are not installed' },
  DDX_LAB_NEEDS_UNMET: { exit: 2, title: 'A scenario needs what this machine does not offer' },
  DDX_LAB_SCORES_UNREADABLE: { exit: 2, title: 'The file of earlier scores cannot be read' },
  DDX_LAB_RUN_FAILED: { exit: 3, title: "A scenario's server could not be run" },
  DDX_COMMAND_NOT_FOUND: { exit: 3, title: 'The command to run does not exist' },
  DDX_NO_PROCESS: { exit: 3, title: 'The process to attach to does not exist' },
  DDX_ATTACH_UNSUPPORTED: { exit: 3, title: 'This system cannot attach to a running process' },
  DDX_TARGET_EXITED: { exit: 3, title: 'The target ended before it served a request' },
  DDX_TARGET_SILENT: { exit: 3, title: 'The target never listened on a port' },
  DDX_PORT_TAKEN: { exit: 3, title: 'The port is already in use by another process' },
  DDX_TARGET_UNREACHABLE: { exit: 3, title: 'The target listens but does not answer HTTP' },
  DDX_LOAD_UNREACHABLE: { exit: 3, title: 'Nobody answers at the address to load' },
  DDX_INTERNAL: { exit: 70, title: 'A bug in ddx' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** A failure to be shown to the user: `message` says what happened and where, `next` what to do. Never a stack trace. */
export class DdxError extends Error {
  readonly code: ErrorCode;
  readonly next: string;
  constructor(code: ErrorCode, message: string, next: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DdxError';
    this.code = code;
    this.next = next;
  }
  get exitCode(): number {
    return ERRORS[this.code].exit;
  }
}
