import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Documents } from '../model/recording.js';
import { readRecording } from '../recording/reader.js';
import { recordingHeader } from './header.js';
import { startTape } from './tape.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ddx-tape-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const header = recordingHeader({ ddxVersion: '0', originUs: 0, command: ['x'], cwd: '/', depth: 'light', pid: 1, port: null });
const documents: Documents = { processes: [], sites: [], profiles: [], heapProfiles: [], sources: [], spawns: [] };
const row = Float64Array.of(0, 1000, 5);
const never = (error: Error): never => {
  throw error;
};

describe('startTape', () => {
  it('keeps a file that can be read while it is written', () => {
    const path = join(folder, 'kept.ddx');
    const tape = startTape(path, folder, header, never);
    tape.append('poolProbe', row);
    tape.save(documents);
    expect(readRecording(path).streams.poolProbe.rows).toBe(1);
    tape.append('poolProbe', row);
    expect(tape.end(documents).streams.poolProbe.rows).toBe(2);
    expect(readRecording(path)).toMatchObject({ warnings: [], streams: { poolProbe: { rows: 2 } } });
  });

  it.skipIf(process.platform === 'win32')('leaves no name behind where nothing is to be kept', () => {
    const tape = startTape(null, folder, header, never);
    expect(readdirSync(folder)).toEqual([]);
    tape.append('poolProbe', row);
    expect(tape.end(documents).streams.poolProbe.rows).toBe(1);
  });

  it('refuses a place where it cannot begin', () => {
    expect(() => startTape(join(folder, 'no/such/place.ddx'), folder, header, never)).toThrow(/Cannot write/);
    if (process.platform === 'linux') expect(() => startTape('/dev/full', folder, header, never)).toThrow(/ENOSPC|no space/i);
  });

  it.skipIf(process.platform === 'win32')('goes on without its file, says so once, and counts what is lost', async () => {
    const path = join(folder, 'closing');
    execFileSync('mkfifo', [path]);
    // Takes the header and goes: what is written after that fails.
    const reader = spawn('head', ['-c', '200', path], { stdio: 'ignore' });
    const failures: Error[] = [];
    const tape = startTape(path, folder, header, (error) => failures.push(error));
    await once(reader, 'exit');
    for (let i = 0; i < 3; i++) {
      tape.append('poolProbe', row);
      tape.save(documents);
    }
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ code: 'DDX_OUTPUT_UNWRITABLE' });
    expect(tape.dropped().poolProbe).toBeGreaterThan(0);
  });
});
