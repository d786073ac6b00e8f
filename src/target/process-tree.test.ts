import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameProcess, parseProcStat, parsePs, processTree, treeOf } from './process-tree.js';

const entry = (pid: number, ppid: number, session = 1) => ({ pid, ppid, session, startId: '5' });

describe('processTree', () => {
  it('reads a name with brackets and spaces in it', () => {
    const fields = `S 7 42 41 ${'0 '.repeat(15)}123456 1 2`;
    expect(parseProcStat(`42 (a) (b c) ${fields}`)).toEqual({ pid: 42, ppid: 7, session: 41, startId: '123456' });
  });

  it('takes a zombie for gone', () => {
    expect(parseProcStat(`42 (node) Z 7 42 42 ${'0 '.repeat(20)}`)).toBeNull();
  });

  it('never throws on any text', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseProcStat(text)));
  });

  it('finds descendants at any depth, and orphans by their session', () => {
    const all = [entry(10, 1, 10), entry(11, 10, 10), entry(12, 11, 12), entry(13, 1, 10), entry(14, 13, 14), entry(20, 1), entry(21, 20)];
    expect(treeOf(10, all).map(({ pid }) => pid)).toEqual([10, 11, 12, 13, 14]);
    expect(treeOf(99, all)).toEqual([]);
  });

  it('ends on a circle', () => {
    expect(treeOf(1, [entry(1, 2), entry(2, 1)])).toHaveLength(2);
  });

  it('reads the output of ps', () => {
    expect(
      parsePs(
        '    1     0 Ss   Sat Nov 21 12:06:10 2026\n  501     1 S+   Sat Nov 21 12:07:10 2026\n  502     1 Z    Sat Nov 21 12:08:10 2026\nrubbish\n',
      ),
    ).toEqual([
      { pid: 1, ppid: 0, session: 0, startId: 'Sat Nov 21 12:06:10 2026' },
      { pid: 501, ppid: 1, session: 0, startId: 'Sat Nov 21 12:07:10 2026' },
    ]);
  });

  it.skipIf(process.platform === 'win32')('sees a real child, and its end', async () => {
    const child = spawn('sleep', ['30']);
    const seen = processTree(process.pid).find(({ pid }) => pid === child.pid);
    expect(seen).toMatchObject({ ppid: process.pid });
    expect(isSameProcess(seen!)).toBe(true);
    expect(isSameProcess({ ...seen!, startId: 'another life' })).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isSameProcess(seen!)).toBe(false);
  });
});
