import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type Documents, type Recording, STREAMS, STRING_COLUMNS, type StreamName } from '../model/recording.js';
import { ROW_LIMITS } from './format.js';
import { buildRecording } from './memory.js';
import { decodeRecording, readRecording } from './reader.js';
import { RecordingWriter } from './writer.js';

const folder = mkdtempSync(join(tmpdir(), 'ddx-recording-'));
afterAll(() => rmSync(folder, { recursive: true }));

const model = buildRecording();
const documents: Documents = model.documents;
const NAMES = Object.keys(STREAMS) as StreamName[];
let files = 0;

function newPath(): string {
  return join(folder, `${files++}.ddx`);
}

function rowsOf(recording: Recording, stream: StreamName): number[][] {
  const table = recording.streams[stream] as unknown as { rows: number } & Record<string, Float64Array>;
  return Array.from({ length: table.rows }, (_, row) => STREAMS[stream].map((column) => table[column]![row]!));
}

function wide(): fc.Arbitrary<number> {
  const edge = fc.constantFrom(0, -1, 1, 255, 256, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 51, 2 ** 52, -(2 ** 52), 2 ** 53, -(2 ** 53));
  return fc.oneof(edge, fc.integer({ min: 0, max: 300 }), fc.maxSafeInteger());
}

/** Rows as the contract has them: references point at something. */
function rowsArbitrary(stream: StreamName): fc.Arbitrary<number[][]> {
  const strings: readonly string[] = STRING_COLUMNS[stream] ?? [];
  const columns = STREAMS[stream].map((column) => {
    if (column === 'proc') return fc.constant(0);
    return strings.includes(column) || column === 'site' ? fc.constant(-1) : wide();
  });
  return fc.array(fc.tuple(...columns), { maxLength: 300 });
}

describe('what is written is read', () => {
  it('any rows of any stream, in any number of blocks', () => {
    const session = fc.array(
      fc.constantFrom(...NAMES).chain((stream) => fc.tuple(fc.constant(stream), rowsArbitrary(stream), fc.boolean())),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(session, (appends) => {
        const path = newPath();
        const writer = new RecordingWriter(path, model.header);
        const expected = new Map<StreamName, number[][]>();
        for (const [stream, rows, flush] of appends) {
          writer.append(stream, Float64Array.from(rows.flat()));
          expected.set(stream, [...(expected.get(stream) ?? []), ...rows]);
          if (flush) writer.flush();
        }
        writer.setDocuments(documents);
        writer.close();
        const read = readRecording(path);
        expect(read.warnings).toEqual([]);
        for (const stream of NAMES) expect(rowsOf(read, stream)).toEqual(expected.get(stream) ?? []);
      }),
      { numRuns: 60 },
    );
  });

  it('more rows than one block holds', () => {
    const path = newPath();
    const writer = new RecordingWriter(path, model.header);
    const rows = new Float64Array(200_000 * 3);
    for (let i = 0; i < 200_000; i++) rows.set([0, i * 1000 + (i % 7), i % 90], i * 3);
    writer.append('samples', rows);
    expect(statSync(path).size).toBeGreaterThan(1000);
    writer.setDocuments(documents);
    writer.close();
    const { samples } = readRecording(path).streams;
    expect(samples.rows).toBe(200_000);
    expect([...samples.tUs.subarray(199_998)]).toEqual([rows[199_998 * 3 + 1], rows[199_999 * 3 + 1]]);
  });

  it('header, strings and documents', () => {
    const path = newPath();
    const writer = new RecordingWriter(path, model.header);
    const names = ['GET /a', 'GET /b', '\ud800 lone', '__proto__', ''];
    expect(names.map((name) => writer.intern(name))).toEqual([0, 1, 2, 3, 4]);
    expect(writer.intern('GET /b')).toBe(1);
    const full: Documents = {
      ...documents,
      processes: [{ ...documents.processes[0]!, features: { http: true }, versions: { v8: '12' } }],
      sites: [{ frames: [{ file: 'a.js', line: 3, column: 7, function: 'f', source: 'app' }] }],
      profiles: [
        {
          intervalUs: 1000,
          nodes: [
            { parent: -1, location: { file: '', line: 0, function: '(root)', source: 'native' }, ticks: [] },
            { parent: 0, location: { file: 'a.js', line: 3, function: 'f', source: 'app' }, ticks: [[4, 2]] },
          ],
        },
      ],
      heapProfiles: [{ tUs: [1, 2], stacks: [{ frames: [], liveBytes: [10, 20] }] }],
      sources: [{ file: 'a.js', firstLine: 1, lines: ['let a'] }],
      spawns: [{ proc: 0, kind: 'worker', tUs: 1, endUs: -1, name: 'w.js', site: 0, owner: 0 }],
      blocks: [
        { proc: 0, startUs: -1, endUs: 9, owner: 0, urlPath: '/a', frames: [{ file: 'a.js', line: 3, function: 'f', source: 'app' }] },
        { proc: 0, startUs: 10, endUs: 19, owner: 7, urlPath: null, frames: [] },
      ],
    };
    writer.setDocuments(documents);
    writer.flush();
    writer.setDocuments(full);
    writer.close();
    const read = readRecording(path);
    expect({ header: read.header, strings: read.strings, documents: read.documents, warnings: read.warnings }).toEqual({
      header: model.header,
      strings: names,
      documents: full,
      warnings: [],
    });
  });

  it('rounds what is no integer and marks what is no number as not known', () => {
    const path = newPath();
    const writer = new RecordingWriter(path, model.header);
    writer.append('poolProbe', Float64Array.from([0, 1.6, Number.NaN, 0, -0, Number.POSITIVE_INFINITY]));
    writer.close();
    expect(rowsOf(readRecording(path), 'poolProbe')).toEqual([
      [0, 2, -1],
      [0, 0, 2 ** 53],
    ]);
  });
});

describe('bounds of the writer', () => {
  it('cuts long text and lets excess names share one', () => {
    const writer = new RecordingWriter(newPath(), model.header);
    expect(writer.intern('x'.repeat(5000))).toBe(writer.intern('x'.repeat(9000)));
    let last = 0;
    for (let i = 0; i < 100_100; i++) last = writer.intern(`name ${i}`);
    expect(last).toBe(99_999);
    expect(writer.intern('one more')).toBe(last);
    writer.close();
  });

  it('counts the rows above the limit of a stream', () => {
    const path = newPath();
    const writer = new RecordingWriter(path, model.header);
    const rows = new Float64Array(50_000 * 4);
    for (let i = 0; i < 11; i++) writer.append('cgroup', rows);
    expect(writer.dropped).toEqual({ cgroup: 550_000 - ROW_LIMITS.cgroup });
    writer.close();
  });

  it('refuses half a row', () => {
    const writer = new RecordingWriter(newPath(), model.header);
    expect(() => writer.append('samples', new Float64Array(4))).toThrow(RangeError);
    writer.close();
  });

  it('says which file it cannot write', () => {
    const path = join(folder, 'absent', 'a.ddx');
    expect(() => new RecordingWriter(path, model.header)).toThrow(
      expect.objectContaining({ code: 'DDX_OUTPUT_UNWRITABLE', message: expect.stringContaining(path) }),
    );
    expect(() => new RecordingWriter('/dev/full', model.header)).toThrow(expect.objectContaining({ code: 'DDX_OUTPUT_UNWRITABLE' }));
  });

  it('keeps on disk what was flushed, without close', () => {
    const path = newPath();
    const writer = new RecordingWriter(path, model.header);
    writer.append('requests', Float64Array.from([0, 1, 10, 20, writer.intern('GET /'), 200, 5, 4000, 3, 0, -1, -1, -1, -1]));
    writer.flush();
    writer.append('requests', Float64Array.from([0, 2, 10, 20, 0, 200, 5, 4000, 3, 0, -1, -1, -1, -1]));
    const read = decodeRecording(readFileSync(path), 'live');
    expect(rowsOf(read, 'requests')).toEqual([[0, 1, 10, 20, 0, 200, 5, 4000, 3, 0, -1, -1, -1, -1]]);
    expect(read.documents.processes).toHaveLength(1);
    expect(read.warnings).toMatchInlineSnapshot(`
      [
        "the recording was never closed; its last moments may be missing",
        "the recording holds no documents: processes, source positions and the judged window are not known",
      ]
    `);
    writer.close();
  });
});

it('reads a missing file, a folder and other files as what they are', () => {
  const foreign = newPath();
  writeFileSync(foreign, '{"some":"json"}');
  const code = (path: string) => {
    try {
      readRecording(path);
      return 'none';
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  expect([code(join(folder, 'no')), code(folder), code(foreign)]).toEqual([
    'DDX_RECORDING_MISSING',
    'DDX_RECORDING_FOREIGN',
    'DDX_RECORDING_FOREIGN',
  ]);
});
