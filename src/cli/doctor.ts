import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { cgroupSource } from '../collect/cgroup.js';
import { wordBytes } from '../model/wording.js';
import type { Arguments } from './arguments.js';

interface Check {
  name: string;
  ok: boolean;
  found: string;
  /** What is missed without it. */
  costs: string;
}

/** `ddx doctor`: what this machine permits. Always 0: nothing here is an error. */
export function doctor(args: Arguments): number {
  const checks = examine();
  if (args.given('json')) process.stdout.write(`${JSON.stringify({ schemaVersion: 1, checks }, null, 2)}\n`);
  else process.stdout.write(render(checks));
  return 0;
}

function examine(): Check[] {
  return [node(), inspector(), proc(), schedstat(), cgroup(), sockets(), pressure(), perfEvents(), user()];
}

function node(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return {
    name: 'Node.js',
    ok: major > 20 || (major === 20 && minor >= 19),
    found: `${process.version}, ${process.platform}-${process.arch}, ${cpus().length} cores, ${availableParallelism()} usable`,
    costs: 'ddx itself needs Node.js 20.19 or later; targets may be older (18)',
  };
}

function inspector(): Check {
  const ok = Boolean(process.features.inspector);
  return {
    name: 'inspector',
    ok,
    found: ok ? 'compiled in' : 'not compiled in',
    costs: 'no CPU profile and no allocation samples: functions and lines are not named',
  };
}

function proc(): Check {
  const ok = process.platform === 'linux' && readable('/proc/self/stat');
  return {
    name: '/proc',
    ok,
    found: ok ? 'readable' : `not there (${process.platform})`,
    costs: 'threads, run queues and memory are not seen from outside: threads/oversubscription and cpu/* are not examined',
  };
}

function schedstat(): Check {
  const ok = readable('/proc/self/schedstat');
  return {
    name: 'schedstat',
    ok,
    found: ok ? 'run-queue wait of each thread' : 'not there (kernel without CONFIG_SCHED_INFO)',
    costs: 'waiting for a core is not told from running: threads/oversubscription and cpu/noisy-neighbour are not examined',
  };
}

function cgroup(): Check {
  const source = process.platform === 'linux' ? cgroupSource(process.pid, totalmem()) : null;
  const version = existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'version 2' : 'version 1';
  const quota = source?.quotaCores() ?? null;
  const memoryBytes = source?.memoryBytes() ?? null;
  return {
    name: 'cgroup',
    ok: source !== null,
    found: source
      ? [
          version,
          quota === null ? 'no CPU quota here' : `CPU quota of ${quota.toFixed(2)} cores here`,
          memoryBytes === null ? 'no memory limit here' : `memory limit of ${wordBytes(memoryBytes)} here`,
        ].join(', ')
      : 'no hierarchy with the cpu controller',
    costs: 'throttling by a quota is not seen: cpu/quota-throttled is not examined',
  };
}

function sockets(): Check {
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'ss'))
    .find((path) => existsSync(path));
  return {
    name: 'ss (iproute2)',
    ok: found !== undefined,
    found: found ?? 'not in PATH',
    costs: 'the queue of the listening socket is not seen: network/accept-queue-overflow is not examined',
  };
}

function pressure(): Check {
  const ok = readable('/proc/pressure/cpu');
  return { name: 'pressure (PSI)', ok, found: ok ? 'readable' : 'not there', costs: 'nothing yet: no rule needs it' };
}

/** Documentation/admin-guide/sysctl/kernel.rst: 2 forbids kernel profiling to ordinary users, 3 and 4 (Debian, Ubuntu) everything. */
function perfEvents(): Check {
  const level = Number(text('/proc/sys/kernel/perf_event_paranoid') ?? Number.NaN);
  const root = process.getuid?.() === 0;
  return {
    name: 'perf events',
    ok: root || level <= 2,
    found: Number.isNaN(level) ? 'not there' : `perf_event_paranoid is ${level}${root ? ', which does not bind root' : ''}`,
    costs: 'nothing yet: no rule needs them',
  };
}

function user(): Check {
  const found =
    process.getuid?.() === 0 ? 'root: targets of any user can be seen' : 'processes of your own user can be seen in full, others in part';
  return { name: 'user', ok: true, found, costs: '' };
}

function text(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

/** By reading it: some files exist and refuse (PSI that is switched off at boot). */
function readable(path: string): boolean {
  return text(path) !== null;
}

function render(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, ok, found, costs }) => [
    `  ${ok ? 'yes' : 'no '}  ${name.padEnd(width)}  ${found}`,
    ...(ok ? [] : [`       ${' '.repeat(width)}  without it: ${costs}`]),
  ]);
  return `\n${lines.join('\n')}\n\n`;
}
