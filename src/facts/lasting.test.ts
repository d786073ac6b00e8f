import { expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { keepsComing, lastingIntervals, lastingListeners } from './lasting.js';
import { createReader } from './reader.js';

const at = (line: number) => ({ file: 'a.js', line, function: 'f', source: 'app' as const });
const processes = (intervals: boolean) => [
  {
    pid: 1,
    ppid: 0,
    role: 'target' as const,
    runtime: 'node',
    versions: {},
    title: '',
    features: { intervals, crowdedEmitters: intervals },
  },
];

it('adds up what still runs, and finds where most of it was begun', () => {
  const sites = [{ frames: [{ ...at(1), source: 'node' as const }, at(4)] }, { frames: [at(9)] }];
  const lasting = [
    { proc: 0, kind: 'interval' as const, site: 0, begun: [3, 3, 3, 3] },
    { proc: 0, kind: 'interval' as const, site: 1, begun: [0, 0, 4, 0] },
    { proc: 0, kind: 'interval' as const, site: -1, begun: [1, 0, 0, 5] },
    { proc: 0, kind: 'listener' as const, site: 1, begun: [5, 5, -1, 5] },
    { proc: 0, kind: 'listener' as const, site: 1, begun: [9, 0, 0, -9] },
  ];
  const get = createReader(buildRecording({ documents: { processes: processes(true), sites, lasting } }));
  expect(get(lastingIntervals)).toEqual({ count: 22, quarters: [4, 3, 7, 8], beginner: { location: at(4), share: 0.75 } });
  expect(keepsComing(get(lastingIntervals))).toBe(true);
  expect(get(lastingListeners)).toMatchObject({ count: 14, quarters: [5, 5, -1, 5], beginner: { location: at(9), share: 1 } });
  expect(keepsComing({ count: 40, quarters: [38, 2, 0, 0], beginner: null })).toBe(false);
});

it('knows of none where it looked, and nothing where it did not', () => {
  expect(createReader(buildRecording({ documents: { processes: processes(true) } }))(lastingIntervals)).toMatchObject({
    count: 0,
    beginner: null,
  });
  expect(() => createReader(buildRecording({ documents: { processes: processes(false) } }))(lastingIntervals)).toThrow(/not looked at/);
});
