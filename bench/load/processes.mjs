// Processes of the bench: started on a core of their own, with what they used of it.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export function isInstalled(command) {
  return spawnSync('which', [command]).status === 0;
}

/** Arguments for spawn: pinned to a core. */
export function onCore(core, command, args) {
  return ['taskset', ['-c', String(core), command, ...args]];
}

/** CPU of all threads of a process until now, microseconds. */
export function cpuUs(pid) {
  let ns = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      ns += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0]);
    } catch {
      // A thread that has just ended.
    }
  }
  return ns / 1e3;
}

/** Runs a generator on core 0 to its end. `during(pid)` is called meanwhile. */
export async function generate(command, args, during = async () => {}) {
  const child = spawn(...onCore(0, command, args), { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const seen = await during(child.pid);
  const code = await ended;
  return { code, stdout, stderr, seen };
}

/** What a generator did between two moments in the middle of its run: counted by the server, paid by the generator. */
export async function windowOf(pid, count, fromMs, toMs) {
  await delay(fromMs);
  const [cpu, requests, beganMs] = [cpuUs(pid), await count(), performance.now()];
  await delay(toMs - fromMs);
  const [cpuAfter, requestsAfter] = [cpuUs(pid), await count()];
  const seconds = (performance.now() - beganMs) / 1e3;
  return { requests: requestsAfter - requests, cpuUs: cpuAfter - cpu, cores: (cpuAfter - cpu) / 1e6 / seconds, seconds };
}

/** Waits until something listens. */
export async function ready(port) {
  for (let i = 0; i < 100; i++) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await delay(50);
  }
  throw new Error(`Nothing listens on port ${port}.`);
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
