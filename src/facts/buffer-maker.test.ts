import { describe, expect, it } from 'vitest';
import type { SourceLocation } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { bufferMaker } from './buffer-maker.js';
import { createReader } from './reader.js';

const lines = [
  'function curveOf(id) {',
  '  const curve = new Float64Array(8000);',
  '  return curve.fill(id);',
  '}',
  'export async function forecast(id) {',
  '  const curve = curveOf(id);',
  '  history.push(curve);',
  '}',
  'function list(id) {',
  '  return items.slice(id);',
  '}',
  'function lone() {',
  '  return new Uint8Array(9000);',
  '}',
];
const at = (line: number, name: string): SourceLocation => ({ file: 'src/a.js', line, function: name, source: 'app' });
const root: SourceLocation = { file: '', line: 0, function: '(root)', source: 'native' };

function read(...ran: [parent: number, location: SourceLocation][]) {
  const nodes = [
    { parent: -1, location: root, ticks: [] },
    ...ran.map(([parent, location]) => ({ parent, location, ticks: [[location.line, 5]] as [number, number][] })),
  ];
  const documents = { profiles: [{ nodes, intervalUs: 1000 }], sources: [{ file: 'src/a.js', firstLine: 1, lines }] };
  return createReader(buildRecording({ documents }))(bufferMaker);
}

describe('who makes typed arrays', () => {
  it('is the line of its caller that keeps them', () => {
    expect(read([0, at(5, 'forecast')], [1, at(1, 'curveOf')])).toEqual({ location: at(7, 'forecast'), container: 'history' });
  });
  it('is the line that makes them where nobody is seen to keep them', () => {
    expect(read([0, at(12, 'lone')])).toMatchObject({ location: { line: 13 }, container: null });
  });
  it('is nobody where what ran makes none', () => {
    expect(() => read([0, at(9, 'list')])).toThrow(/typed arrays/);
  });
});
