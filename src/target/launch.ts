import { type ChildProcess, spawn } from 'node:child_process';
import { basename } from 'node:path';
import { DdxError } from '../errors.js';
import { stderrPipe } from './stderr-pipe.js';

export interface TargetExit {
  code: number | null;
  signal: string | null;
}

/** The command under diagnosis, running. */
export interface Target {
  readonly pid: number;
  readonly startedMs: number;
  readonly exited: Promise<TargetExit>;
  /** Null while it runs. */
  exit(): TargetExit | null;
  /** Last lines of its stderr; null where they went straight to the terminal. */
  stderrTail(): string[] | null;
  /** To the direct child only, as `kill PID` would. */
  signal(signal: NodeJS.Signals): void;
  /** To all that it started, as Ctrl-C in a terminal would. */
  signalGroup(signal: NodeJS.Signals): void;
  /** Waits a moment for the last of its stderr. */
  drained(): Promise<void>;
}

export interface LaunchOptions {
  command: readonly string[];
  /** Added to our own environment. */
  env: Readonly<Record<string, string>>;
  /** A private folder for the time of the launch. */
  folder: string;
  /** Our stdout is for the report alone: the target's goes to our stderr. */
  stdoutToStderr: boolean;
}

const DRAIN_MS = 300;

/**
 * Starts the command without a shell. It leads a session of its own: Ctrl-C reaches ddx alone, which has the probe hand over what it
 * holds before it passes the signal on, exactly once. If ddx is killed, the target goes on as after the end of a shell.
 * Throws DDX_COMMAND_NOT_FOUND.
 */
export async function launch({ command, env, folder, stdoutToStderr }: LaunchOptions): Promise<Target> {
  const [name, ...args] = command;
  const stderr = stderrPipe(folder);
  const ownSession = process.platform !== 'win32';
  const child = spawn(name!, args, {
    env: { ...process.env, ...env },
    stdio: ['inherit', stdoutToStderr ? 2 : 'inherit', stderr.forChild],
    detached: ownSession,
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(cannotStart(command, error)));
  }).finally(() => stderr.handedOver());

  let exit: TargetExit | null = null;
  const exited = new Promise<TargetExit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      resolve(exit);
    });
  });
  child.on('error', () => {});
  return {
    pid: child.pid!,
    startedMs: performance.now(),
    exited,
    exit: () => exit,
    stderrTail: stderr.tail,
    signal: (signal) => void child.kill(signal),
    signalGroup: (signal) => signalGroup(child, signal, ownSession),
    drained: () => stderr.drained(DRAIN_MS),
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals, ownSession: boolean): void {
  if (!ownSession) {
    child.kill(signal);
    return;
  }
  try {
    process.kill(-child.pid!, signal);
  } catch {
    // Everyone in it is gone.
  }
}

function cannotStart(command: readonly string[], error: Error): DdxError {
  const name = command[0]!;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' && !name.includes('/')) {
    const next = /\.[cm]?[jt]sx?$/.test(name)
      ? `It looks like a script: ddx run -- node ${command.join(' ')}`
      : `Check the spelling and that it is on your PATH. The command is what follows "--": ddx run -- node server.js`;
    return new DdxError('DDX_COMMAND_NOT_FOUND', `There is no command "${name}".`, next, { cause: error });
  }
  const reason = code === 'ENOENT' ? 'does not exist' : code === 'EACCES' ? 'is not executable' : `cannot be started: ${error.message}`;
  const next =
    code === 'EACCES' ? `Make it executable (chmod +x ${name}) or name its interpreter: ddx run -- node ${name}` : 'Check the path.';
  return new DdxError('DDX_COMMAND_NOT_FOUND', `${name} (${basename(name)}) ${reason}, seen from ${process.cwd()}.`, next, {
    cause: error,
  });
}
