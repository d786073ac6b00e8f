import { execFileSync } from 'node:child_process';
import { cpuCgroupHome } from './cpu-quota.js';
import type { Need } from './scenario.js';
import { missingService } from './services/install.js';

/** Why a scenario cannot run on this machine, or null. */
export function unmetNeed(needs: readonly Need[]): string | null {
  for (const need of needs) {
    const because = CHECKS[need]();
    if (because) return because;
  }
  return null;
}

const CHECKS: Record<Need, () => string | null> = {
  linux: () => (process.platform === 'linux' ? null : 'needs Linux'),
  root: () => (process.getuid?.() === 0 ? null : 'needs root'),
  'cgroup-cpu': () => (cpuCgroupHome() ? null : 'needs a writable CPU cgroup (v1 cpu, or v2 with the cpu controller)'),
  mkfifo: () => (canRun('mkfifo', ['--version']) ? null : 'needs the mkfifo command'),
  postgres: () => missingService('postgres'),
  mariadb: () => missingService('mariadb'),
  redis: () => missingService('redis'),
  rabbitmq: () => missingService('rabbitmq'),
};

function canRun(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
