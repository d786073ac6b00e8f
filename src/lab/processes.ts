import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process the lab started, with the last of what it said. */
export interface Running {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Ends the process and all it started; resolves when it is gone. */
  stop(): Promise<void>;
}

export interface StartOptions {
  cwd: string;
  env?: Record<string, string>;
  /** Passed on to our own stderr too, so that a watcher sees progress. */
  loud?: boolean;
}

/** Process groups that must not outlive us, however we end. A ddx among them ends its target when it is asked to, not when it is killed. */
const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) signalGroup(child, 'SIGTERM');
});

/** Starts a command in a process group of its own, so that npm, tsx and their children end together. */
export function startProcess(command: readonly string[], { cwd, env, loud = false }: StartOptions): Running {
  const [name, ...args] = command;
  const child = spawn(name!, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  alive.add(child);
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr = (said.stderr + text).slice(-20_000);
    if (loud) process.stderr.write(text);
  });
  const gone = once(child, 'close').catch(() => undefined);
  void gone.then(() => alive.delete(child));
  return {
    child,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    async stop() {
      signalGroup(child, 'SIGTERM');
      const late = setTimeout(() => signalGroup(child, 'SIGKILL'), 1500);
      await gone;
      clearTimeout(late);
      // npm may be gone before its grandchildren.
      signalGroup(child, 'SIGKILL');
    },
  };
}

/** Waits until the process printed a line that matches; fails with its stderr when it ended before, or after `withinMs`. */
export async function printed(running: Running, pattern: RegExp, withinMs = 20_000): Promise<RegExpExecArray> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const match = pattern.exec(running.stdout());
    if (match) return match;
    const ended = running.child.exitCode !== null || running.child.signalCode !== null;
    if (ended || performance.now() > deadline) {
      throw new Error(
        `${running.child.spawnargs.join(' ')} ${ended ? 'ended' : 'was silent'} before it printed ${pattern}\n${running.stderr()}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}
