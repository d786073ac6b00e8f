import { describe, expect, it } from 'vitest';
import { WaitFlag } from '../model/recording.js';
import { UNKNOWN_PROCESS } from '../recording/documents.js';
import { buildRecording } from '../recording/memory.js';
import { createReader } from './reader.js';
import { stuckRequests } from './stuck-requests.js';

const app = (file: string, line: number) => ({ file, line, function: 'f', source: 'app' as const });
const sites = [{ frames: [app('src/lock.js', 4), app('src/pay.js', 12), app('server.js', 30)] }];
const process = { ...UNKNOWN_PROCESS, pid: 1, runtime: 'node', versions: { node: '22.0.0' }, features: { owners: true } };

/** Twenty requests 200 ms apart; those of `stuck` are given up at 12 s, where an open wait says at which site they stand. */
function read(stuck: (i: number) => boolean, { flags = WaitFlag.open as number, slowMs = 10 } = {}) {
  const requests: number[][] = [];
  const waits: number[][] = [];
  for (let i = 0; i < 20; i++) {
    const bornUs = 100_000 + i * 200_000;
    const endUs = stuck(i) ? 12_000_000 : bornUs + slowMs * 1000;
    requests.push([0, i + 1, bornUs, endUs, 0, stuck(i) ? 0 : 200, 10, 4000 + i, 100, stuck(i) ? 1 : 0]);
    if (stuck(i)) waits.push([0, i + 1, 1, 0, -1, bornUs + 100, endUs, flags]);
  }
  const documents = { processes: [process], sites };
  return createReader(buildRecording({ strings: ['POST /pay', 'promise'], rows: { requests, waits }, documents }))(stuckRequests);
}

describe('stuck requests', () => {
  it('finds a route that answers nobody any more, and who takes the lock they stand in', () => {
    const [pay] = read((i) => i >= 8);
    expect(pay).toMatchObject({ route: 'POST /pay', stuck: 12, answered: 8, seen: 12, askingShare: 0 });
    expect(pay!.standAt).toEqual([{ location: sites[0]!.frames[1], count: 12 }]);
    expect(pay!.silentMs).toBeGreaterThan(2000);
  });
  it('knows that answers go on where only some are stuck', () => {
    expect(read((i) => i % 4 === 0)[0]).toMatchObject({ stuck: 5, answered: 15, silentMs: 0 });
  });
  it('sees who had asked somebody else', () => {
    expect(read((i) => i >= 8, { flags: WaitFlag.open | WaitFlag.asking })[0]).toMatchObject({ seen: 12, askingShare: 1, standAt: [] });
  });
  it('takes nobody for stuck who may only be as slow as others were', () => {
    expect(read((i) => i >= 8, { slowMs: 4000 })).toEqual([]);
    expect(read(() => false)).toEqual([]);
  });
});
