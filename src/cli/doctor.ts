import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
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
  const linux = process.platform === 'linux';
  const stat = readable('/proc/self/schedstat');
  const v1 = linux && cgroupV1();
  const v2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const psi = readable('/proc/pressure/cpu');
  const major = Number(process.versions.node.split('.')[0]);
  return [
    {
      name: 'Node.js',
      ok: major >= 20,
      found: `${process.version}, ${process.platform}-${process.arch}, ${cpus().length} cores, ${availableParallelism()} usable`,
      costs: 'ddx itself needs Node.js 20.19 or later; targets may be older (18)',
    },
    {
      name: 'inspector',
      ok: Boolean(process.features.inspector),
      found: process.features.inspector ? 'compiled in' : 'not compiled in',
      costs: 'no CPU profile and no allocation samples: functions and lines are not named',
    },
    {
      name: '/proc',
      ok: linux && readable('/proc/self/stat'),
      found: linux ? 'readable' : `there is none on ${process.platform}`,
      costs: 'no threads, run queues, memory from outside: threads/* and cpu/* are not examined',
    },
    {
      name: 'schedstat',
      ok: stat,
      found: stat ? 'run-queue wait of each thread' : 'not there (kernel without CONFIG_SCHED_INFO)',
      costs: 'waiting for a core is not told from running: threads/oversubscription and cpu/noisy-neighbour are not examined',
    },
    {
      name: 'cgroup',
      ok: v1 || v2,
      found: v2 ? 'version 2' : v1 ? 'version 1, cpu controller' : 'no cpu controller',
      costs: 'throttling by a quota is not seen: cpu/quota-throttled is not examined',
    },
    { name: 'pressure (PSI)', ok: psi, found: psi ? 'readable' : 'not there', costs: 'nothing yet: no rule needs it' },
    {
      name: 'user',
      ok: true,
      found: process.getuid?.() === 0 ? 'root: targets of any user can be seen' : 'only processes of your own user can be seen in full',
      costs: '',
    },
  ];
}

function cgroupV1(): boolean {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .some((line) => / - cgroup .*\bcpu\b/.test(line));
  } catch {
    return false;
  }
}

function readable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function render(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, ok, found, costs }) => [
    `  ${ok ? 'yes' : 'no '}  ${name.padEnd(width)}  ${found}`,
    ...(ok ? [] : [`       ${' '.repeat(width)}  without it: ${costs}`]),
  ]);
  return `\n${lines.join('\n')}\n\n`;
}
