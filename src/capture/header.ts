import { cpus, release, totalmem } from 'node:os';
import type { Depth } from '../model/options.js';
import type { RecordingHeader } from '../model/recording.js';
import { withoutSecretArguments } from './secrets.js';

export interface HeaderOf {
  ddxVersion: string;
  originUs: number;
  command: readonly string[];
  cwd: string;
  depth: Depth;
  pid: number;
  port: number | null;
}

export function recordingHeader({ ddxVersion, originUs, command, cwd, depth, pid, port }: HeaderOf): RecordingHeader {
  return {
    schemaVersion: 1,
    ddxVersion,
    clock: { originUs, wallEpochMs: Date.now() - (nowUs() - originUs) / 1000 },
    machine: {
      platform: process.platform,
      arch: process.arch,
      cores: Math.max(1, cpus().length),
      cpuModel: cpus()[0]?.model ?? 'unknown',
      memoryBytes: totalmem(),
      kernel: release(),
    },
    target: { command: withoutSecretArguments(command), cwd, pid, port },
    depth,
  };
}

/** Microseconds of the machine's monotonic clock, the same in every process. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
