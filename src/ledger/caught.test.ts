import { describe, expect, it } from 'vitest';
import type { BlockDocument, SourceLocation } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { caughtWithin, exactLocation } from './caught.js';

const at = (name: string, line: number, source: SourceLocation['source'] = 'app'): SourceLocation => ({
  file: source === 'app' ? 'src/a.js' : 'node_modules/b/b.js',
  line,
  function: name,
  source,
});
const caught = (endUs: number, ...frames: SourceLocation[]): BlockDocument => ({
  proc: 0,
  startUs: endUs - 100,
  endUs,
  owner: 1,
  urlPath: null,
  frames,
});

describe('stacks taken in the act', () => {
  it('belong to the block in which they were taken', () => {
    const blocks = [caught(500, at('f', 1)), caught(1500, at('f', 2)), { ...caught(600, at('f', 3)), proc: 1 }, caught(700)];
    const recording = buildRecording({ documents: { blocks } });
    expect(caughtWithin(recording, 0, 0, 1000).map(({ endUs }) => endUs)).toEqual([500]);
    expect(caughtWithin(buildRecording(), 0, 0, 1000)).toEqual([]);
  });

  it('say at which line the accused function is', () => {
    const stacks = [caught(1, at('helper', 9), at('report', 4)), caught(2, at('report', 5)), caught(3, at('helper', 8), at('report', 5))];
    expect(exactLocation(stacks, at('report', 1))?.line).toBe(5);
    expect(exactLocation(stacks, at('other', 1))).toBeNull();
  });

  it('name the user´s own code where no profile does', () => {
    expect(exactLocation([caught(1, at('inner', 3, 'dependency'), at('report', 4))], null)?.function).toBe('report');
    expect(exactLocation([caught(1, at('inner', 3, 'dependency'))], null)?.function).toBe('inner');
    expect(exactLocation([], null)).toBeNull();
  });
});
