import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from './launch.js';
import { isSameProcess, type ProcessEntry, processTree, stillRunning } from './process-tree.js';

const GRACE_MS = 5000;
/** npm, sh and the like pass a signal on to their children or die over it; what is left after this long has heard nothing. */
const LEFT_BEHIND_MS = 300;
const POLL_MS = 25;

/**
 * Ends the target and all it started: `first` to the direct child (SIGINT, as Ctrl-C does, to the whole group), SIGTERM to descendants that
 * stay behind, SIGKILL to what is left after 5 s. By pid only, and never a pid that has gone to somebody else.
 */
export async function stopTarget(target: Target, first: 'SIGTERM' | 'SIGINT' | 'SIGHUP' = 'SIGTERM'): Promise<void> {
  const known = new Map(processTree(target.pid).map((entry) => [entry.pid, entry]));
  const deadlineMs = performance.now() + GRACE_MS;
  if (!target.exit()) {
    if (first === 'SIGTERM') target.signal(first);
    else target.signalGroup(first);
    await Promise.race([target.exited, delay(GRACE_MS, undefined, { ref: false })]);
  }
  await allGone(known, target, Math.min(deadlineMs, performance.now() + LEFT_BEHIND_MS));
  for (const entry of survivors(known, target)) if (entry.pid !== target.pid) send(entry, 'SIGTERM');
  await allGone(known, target, deadlineMs);
  for (const entry of survivors(known, target)) send(entry, 'SIGKILL');
  if (!target.exit()) target.signal('SIGKILL');
  await target.exited;
  await target.drained();
}

/** At once and without waiting: for a second Ctrl-C. */
export function killTarget(target: Target): void {
  for (const entry of processTree(target.pid)) send(entry, 'SIGKILL');
  if (!target.exit()) target.signal('SIGKILL');
}

async function allGone(known: Map<number, ProcessEntry>, target: Target, untilMs: number): Promise<void> {
  while (survivors(known, target).length > 0 && performance.now() < untilMs) await delay(POLL_MS);
}

function survivors(known: Map<number, ProcessEntry>, target: Target): ProcessEntry[] {
  for (const entry of processTree(target.pid)) if (!known.has(entry.pid)) known.set(entry.pid, entry);
  return stillRunning([...known.values()]);
}

function send(entry: ProcessEntry, signal: NodeJS.Signals): void {
  if (!isSameProcess(entry)) return;
  try {
    process.kill(entry.pid, signal);
  } catch {
    // It ended in between.
  }
}
