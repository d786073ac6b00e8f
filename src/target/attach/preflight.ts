import { constants } from 'node:os';
import { type Executable, readExecutable } from './elf.js';
import type { ProcessFacts } from './process-facts.js';
import { Refusal } from './refusal.js';
import { SIGNAL_TABLE, signalWatchers } from './signal-watchers.js';

const { SIGUSR1 } = constants.signals;
/** The first versions with process.getBuiltinModule, by which the probe gets at Node's modules without the application's help. */
const OLDEST = [
  [20, 16],
  [22, 3],
] as const;

/** Whether a probe can go into this process, as far as looking tells. Throws a Refusal. Nothing is sent to the process. */
export function mayEnter(facts: ProcessFacts): Executable | null {
  if (facts.exe === null) throw denied(facts);
  if (/^(bun|deno)\b/.test(facts.program)) {
    throw new Refusal(`it runs ${facts.program === 'bun' ? 'Bun' : 'Deno'}, and the probe knows Node.js only`);
  }
  const executable = readExecutable(`/proc/${facts.pid}/exe`, [SIGNAL_TABLE]);
  const version = executable?.nodeVersion ?? null;
  if (version === null && !/^node(js)?[-\d.]*$/.test(facts.program)) throw new Refusal(`it is ${facts.program}, not Node.js`);
  if (version !== null && !isRecent(version)) {
    throw new Refusal(`it runs Node.js ${version}, and looking inside takes 20.16, 22.3 or newer`, 'Run it on a newer Node.js.');
  }
  if (facts.tracerPid !== 0) throw new Refusal(`process ${facts.tracerPid} debugs or traces it`, 'End that first.');
  if (facts.state === 'T' || facts.state === 't') throw new Refusal('it is stopped', `Let it go on: kill -CONT ${facts.pid}`);
  if (facts.startEnv('DDX_PROBE') !== undefined) throw new Refusal('it was started by "ddx run", which has its own probe inside');
  if (facts.otherNamespaces.includes('net')) {
    throw new Refusal(
      'it runs in another container (network namespace), where its inspector cannot be reached',
      `As root: nsenter --target ${facts.pid} --net ddx attach ${facts.pid}`,
    );
  }
  try {
    process.kill(facts.pid, 0);
  } catch {
    throw denied(facts);
  }
  return executable;
}

/**
 * Whether SIGUSR1 opens its inspector and does nothing else. Throws a Refusal. Without Node's own handler the signal would end the process;
 * with a handler of the application it would run that instead, so it is sent only where neither can be, or `forced` by the user, who knows.
 */
export function maySignal(facts: ProcessFacts, executable: Executable | null, forced: boolean): void {
  if (!facts.catches(SIGUSR1)) {
    throw new Refusal(
      'it does not take SIGUSR1 (started with --permission or --disable-sigusr1)',
      'Start it with "ddx run", or with --inspect on the loopback.',
    );
  }
  const watchers = signalWatchers(facts.pid, executable);
  if (watchers.known && watchers.signals.has(SIGUSR1)) {
    throw new Refusal(
      'the application has a SIGUSR1 handler of its own, which would run instead of opening the inspector',
      'Start it with --inspect on the loopback, or diagnose it with "ddx run".',
    );
  }
  if (!watchers.known && !forced) {
    throw new Refusal(
      `whether the application handles SIGUSR1 itself cannot be told: ${watchers.because}`,
      'If it does not, say so: --force-signal. As root it can often be told.',
    );
  }
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const oldest = OLDEST.find(([known]) => known === major);
  return oldest ? minor >= oldest[1] : major > 22;
}

function denied(facts: ProcessFacts): Refusal {
  return new Refusal(`it belongs to another user (uid ${facts.uid})`, 'Run ddx as that user, or as root.');
}
