import { describe, expect, it } from 'vitest';
import type { BlockDocument, SourceLocation } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { createReader } from './reader.js';
import { stuckLoops } from './stuck-loops.js';

const frame = (name: string, file: string, source: SourceLocation['source']): SourceLocation => ({ file, line: 3, function: name, source });
const block: BlockDocument = {
  proc: 0,
  startUs: 1_000_000,
  endUs: 4_000_000,
  owner: 0,
  urlPath: '/stuck',
  frames: [
    frame('parse', 'node_modules/parser/index.js', 'dependency'),
    frame('load', 'src/load.js', 'app'),
    frame('handler', 'src/server.js', 'app'),
    frame('emit', 'node:events', 'node'),
  ],
};
const found = (one: BlockDocument, rows = {}) => createReader(buildRecording({ documents: { blocks: [one] }, rows }))(stuckLoops);

describe('stuckLoops', () => {
  it("names the user's own innermost code, how it was reached, and how long it was seen", () => {
    expect(found(block)).toMatchObject([
      { lastedMs: 3000, label: 'load (src/load.js:3)', path: ['handler', 'load', 'parse'], urlPath: '/stuck', startingUp: false },
    ]);
  });

  it('knows a process that is still loading', () => {
    const frames = [frame('main', 'src/main.js', 'app'), frame('Module._compile', 'node:internal/modules/cjs/loader', 'node')];
    expect(found({ ...block, frames })).toMatchObject([{ startingUp: true }]);
  });

  it('leaves a loop that turned to those who judge blocks by what they cost', () => {
    expect(found(block, { loop: [[0, 5_000_000, 1, 1, 1, 1, 1]] })).toEqual([]);
  });

  it('says nothing of a block whose beginning nobody knows, nor of an empty stack', () => {
    expect(found({ ...block, startUs: -1 })).toEqual([]);
    expect(found({ ...block, frames: [] })).toEqual([]);
  });
});
