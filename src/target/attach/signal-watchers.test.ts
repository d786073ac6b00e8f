import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readExecutable } from './elf.js';
import { processFacts } from './process-facts.js';
import { SIGNAL_TABLE, signalWatchers } from './signal-watchers.js';

const { SIGUSR1, SIGHUP, SIGTERM } = constants.signals;

/** What is read from the memory of a process that runs `code`. */
async function watchersOf(code: string) {
  const child = spawn(process.execPath, ['-e', `${code}; setInterval(() => {}, 1e6); console.log('up')`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(child.stdout, 'data');
    const executable = readExecutable(`/proc/${child.pid}/exe`, [SIGNAL_TABLE]);
    return { caught: processFacts(child.pid!)!.catches(SIGUSR1), executable, watchers: signalWatchers(child.pid!, executable) };
  } finally {
    child.kill('SIGKILL');
  }
}

/** A Node.js of a distribution may be stripped; then nothing is known, and nothing is claimed. */
const symbols = process.platform === 'linux' && readExecutable(process.execPath, [SIGNAL_TABLE])?.symbols.has(SIGNAL_TABLE) === true;

describe.runIf(symbols)('signalWatchers', () => {
  it("tells the application's handlers from Node's own, which look the same from outside", async () => {
    const without = await watchersOf('');
    const withHandler = await watchersOf(
      "process.on('SIGUSR1', () => {}); process.on('SIGHUP', () => {}); process.on('SIGTERM', () => {})",
    );
    expect([without.caught, withHandler.caught]).toEqual([true, true]);
    expect(without.watchers).toEqual({ known: true, signals: new Set() });
    expect(withHandler.watchers).toEqual({ known: true, signals: new Set([SIGUSR1, SIGHUP, SIGTERM]) });
    expect(without.executable!.nodeVersion).toBe(process.versions.node);
  });

  it('does not know what it cannot read', async () => {
    const { executable } = await watchersOf('');
    expect(signalWatchers(1 << 22, executable)).toMatchObject({ known: false });
    const elsewhere = { ...executable!, symbols: new Map([[SIGNAL_TABLE, 8n]]) };
    expect(signalWatchers(process.pid, elsewhere)).toMatchObject({ known: false });
    expect(signalWatchers(process.pid, { ...executable!, symbols: new Map() })).toMatchObject({ known: false });
  });
});

describe('readExecutable', () => {
  it('answers files that are no executables, or only begin like one, with null', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'elf-'));
    try {
      for (const bytes of [Buffer.alloc(0), Buffer.from('#!/bin/sh'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 0, 255])]) {
        writeFileSync(join(folder, 'file'), bytes);
        expect(readExecutable(join(folder, 'file'), [SIGNAL_TABLE])).toBeNull();
      }
      expect(readExecutable(join(folder, 'none'), [SIGNAL_TABLE])).toBeNull();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
