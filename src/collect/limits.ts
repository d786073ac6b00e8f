import { countCpus, poolThreadsOf, statusField } from './proc-format.js';
import { readText } from './read.js';

export const DEFAULT_POOL_THREADS = 4;

/** The cores a process may run on (its affinity, not the machine's number). Null when it is gone. */
export function usableCoresOf(pid: number): number | null {
  const list = statusField(readText(`/proc/${pid}/status`) ?? '', 'Cpus_allowed_list');
  return list === null ? null : countCpus(list) || null;
}

/** Size of libuv's pool as the process was told at its start. Null when it is gone or not ours to read. */
export function configuredPoolThreads(pid: number): number | null {
  const environ = readText(`/proc/${pid}/environ`);
  return environ ? (poolThreadsOf(environ) ?? DEFAULT_POOL_THREADS) : null;
}
