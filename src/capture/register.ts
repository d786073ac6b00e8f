import type { Documents } from '../model/recording.js';
import { unknownProcess } from './peers.js';

/** Gives each process its index in the documents. A child that was not asked for within `keptUs` makes room for another one. */
export function registerProcesses(documents: Documents, sinceStart: () => number, keptUs: number): (pid: number) => number {
  const known = new Map<number, number>();
  const askedUs: number[] = [];
  const vacant = (): number =>
    documents.processes.findIndex(({ role }, proc) => role === 'child' && askedUs[proc]! < sinceStart() - keptUs);
  return (pid) => {
    let proc = known.get(pid);
    if (proc === undefined) {
      proc = vacant();
      if (proc < 0) proc = documents.processes.length;
      else known.delete(documents.processes[proc]!.pid);
      documents.processes[proc] = unknownProcess(pid);
      documents.profiles[proc] = null;
      documents.heapProfiles[proc] = null;
      known.set(pid, proc);
    }
    askedUs[proc] = sinceStart();
    return proc;
  };
}
