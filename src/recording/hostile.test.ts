import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, constants, crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { DdxError } from '../errors.js';
import { type Recording, STREAMS, STRING_COLUMNS, type StreamName } from '../model/recording.js';
import { splitBlocks } from './blocks.js';
import { BLOCK_HEAD_BYTES, BlockType, MAX_BLOCK_ROWS, PREAMBLE_BYTES } from './format.js';
import { buildRecording } from './memory.js';
import { decodeRecording } from './reader.js';
import { RecordingWriter } from './writer.js';

const folder = mkdtempSync(join(tmpdir(), 'ddx-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NAMES = Object.keys(STREAMS) as StreamName[];
const model = buildRecording();
const sound = smallFile();
const { blocks } = splitBlocks(sound, 'sound');

function smallFile(): Buffer {
  const path = join(folder, 'sound.ddx');
  const writer = new RecordingWriter(path, model.header);
  writer.intern('GET /');
  for (let round = 0; round < 2; round++) {
    for (const stream of NAMES) {
      const rows = Array.from({ length: 3 }, (_, row) =>
        STREAMS[stream].map((column) => (isReference(stream, column) || row % 2 === 0 ? 0 : row + 7)),
      );
      writer.append(stream, Float64Array.from(rows.flat()));
    }
    writer.flush();
  }
  writer.setDocuments({ ...model.documents, sites: Array.from({ length: 10 }, () => ({ frames: [] })) });
  writer.close();
  return readFileSync(path);
}

function isReference(stream: StreamName, column: string): boolean {
  const strings: readonly string[] = STRING_COLUMNS[stream] ?? [];
  return column === 'proc' || column === 'site' || strings.includes(column);
}

function block(type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(BLOCK_HEAD_BYTES);
  head.writeUInt8(type, 0);
  head.writeUInt32LE(payload.length, 4);
  head.writeUInt32LE(crc32(payload, crc32(head.subarray(0, 8))), 8);
  return Buffer.concat([head, payload]);
}

function file(...parts: Buffer[]): Buffer {
  return Buffer.concat([sound.subarray(0, PREAMBLE_BYTES), ...parts]);
}

function headerBlock(change: object = {}): Buffer {
  return block(BlockType.header, Buffer.from(JSON.stringify({ header: { ...model.header, ...change }, streams: Object.entries(STREAMS) })));
}

function withDocuments(json: string): Buffer {
  return file(headerBlock(), block(BlockType.documents, brotliCompressSync(json)), block(BlockType.end, Buffer.alloc(0)));
}

function columns(stream: StreamName, rows: number, heads: [mode: number, width: number, base: number][], planes: Buffer): Buffer {
  const head = Buffer.alloc(6 + heads.length * 10);
  head.writeUInt8(NAMES.indexOf(stream), 0);
  head.writeUInt8(heads.length, 1);
  head.writeUInt32LE(rows, 2);
  heads.forEach(([mode, width, base], index) => {
    head.writeUInt8(mode, 6 + index * 10);
    head.writeUInt8(width, 7 + index * 10);
    head.writeDoubleLE(base, 8 + index * 10);
  });
  return block(BlockType.columns, Buffer.concat([head, brotliCompressSync(planes)]));
}

/** A recording, or the DdxError; everything else fails the test. */
function attempt(bytes: Buffer): Recording | DdxError {
  try {
    const recording = decodeRecording(bytes, 'hostile.ddx');
    expectTrustworthy(recording);
    return recording;
  } catch (error) {
    if (error instanceof DdxError) return error;
    throw error;
  }
}

function codeOf(bytes: Buffer): string {
  const outcome = attempt(bytes);
  return outcome instanceof DdxError ? outcome.code : `read, ${outcome.warnings.join('; ')}`;
}

function expectTrustworthy({ strings, streams, documents }: Recording): void {
  for (const stream of NAMES) {
    const table = streams[stream] as unknown as { rows: number } & Record<string, Float64Array>;
    for (const column of STREAMS[stream]) {
      const values = table[column]!;
      if (values.length !== table.rows || !values.every((value) => Number.isInteger(value) && Math.abs(value) <= 2 ** 53)) {
        throw new Error(`${stream}.${column} is not to be trusted`);
      }
      if (column === 'proc' && !values.every((proc) => documents.processes[proc])) throw new Error(`${stream} has stray rows`);
    }
  }
  if (!streams.requests.route.every((route) => route === -1 || typeof strings[route] === 'string')) throw new Error('stray route');
  const { processes, profiles, heapProfiles } = documents;
  if (profiles.length !== processes.length || heapProfiles.length !== processes.length) throw new Error('lists differ in length');
}

describe('damage', () => {
  it('a file cut at any byte gives what lies before the cut', () => {
    let last = 0;
    for (let length = 0; length < sound.length; length++) {
      const outcome = attempt(sound.subarray(0, length));
      if (outcome instanceof DdxError) {
        expect(outcome.code).toBe(length === 0 ? 'DDX_RECORDING_FOREIGN' : 'DDX_RECORDING_DAMAGED');
        expect(last).toBe(0);
        continue;
      }
      const rows = NAMES.reduce((sum, stream) => sum + outcome.streams[stream].rows, 0);
      expect(rows).toBeGreaterThanOrEqual(last);
      expect(outcome.warnings.length).toBeGreaterThan(0);
      last = rows;
    }
    expect(last).toBe(NAMES.length * 6);
  });

  it('says how much of a torn tail is lost', () => {
    expect(codeOf(sound.subarray(0, sound.length - 5))).toBe(
      `read, the last 7 of ${sound.length - 5} bytes are torn or damaged and left out`,
    );
  });

  it('a damaged block in the middle costs only itself', () => {
    const bytes = Buffer.from(sound);
    const victim = blocks.find((candidate) => candidate.type === BlockType.columns)!;
    bytes[victim.payload.byteOffset - sound.byteOffset + 3]! ^= 1;
    const outcome = attempt(bytes) as Recording;
    expect(outcome.warnings).toEqual(['1 damaged blocks are left out']);
    expect(NAMES.map((stream) => outcome.streams[stream].rows).sort()).toEqual([3, ...Array(NAMES.length - 1).fill(6)]);
  });

  it('random bytes overwritten, inserted or removed', () => {
    const edit = fc.tuple(fc.nat(sound.length - 1), fc.uint8Array({ maxLength: 12 }), fc.nat(12));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let bytes: Buffer = sound;
        for (const [at, insert, removed] of edits) bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + removed)]);
        attempt(bytes);
      }),
      { numRuns: 400 },
    );
  });

  it('random changes inside blocks whose checksums are right', () => {
    const change = fc.tuple(fc.nat(blocks.length - 1), fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const payloads = blocks.map(({ payload }) => Buffer.from(payload));
        for (const [index, at, value] of changes) {
          const payload = payloads[index]!;
          if (payload.length > 0) payload[at % payload.length] = value;
        }
        attempt(file(...payloads.map((payload, index) => block(blocks[index]!.type, payload))));
      }),
      { numRuns: 400 },
    );
  });

  it('any bytes after the preamble', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => codeOf(file(Buffer.from(tail))) === 'DDX_RECORDING_DAMAGED'));
  });
});

describe('versions', () => {
  it('a newer container and a newer schema say so', () => {
    const container = Buffer.from(sound);
    container.writeUInt32LE(2, 8);
    expect([codeOf(container), codeOf(file(headerBlock({ schemaVersion: 2 })))]).toEqual(['DDX_RECORDING_NEWER', 'DDX_RECORDING_NEWER']);
  });

  it('a transfer as text says so', () => {
    const outcome = attempt(Buffer.from(sound.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'));
    expect(outcome).toMatchObject({ code: 'DDX_RECORDING_DAMAGED', message: expect.stringContaining('line ends') });
  });

  it('columns and streams that are not known are passed over, missing columns are -1', () => {
    const streams = [
      ['poolProbe', ['proc', 'mood', 'tUs']],
      ['weather', ['tUs']],
    ];
    const header = block(BlockType.header, Buffer.from(JSON.stringify({ header: model.header, streams })));
    const rows = (index: number, count: number) => {
      const bytes = columns(
        'requests',
        2,
        Array.from({ length: count }, (_, column) => [0, 0, column * 10]),
        Buffer.alloc(0),
      );
      const payload = Buffer.from(bytes.subarray(BLOCK_HEAD_BYTES));
      payload[0] = index;
      return block(BlockType.columns, payload);
    };
    const outcome = attempt(file(header, rows(0, 3), rows(1, 1), block(77, Buffer.from('?')))) as Recording;
    const { proc, tUs, latencyUs } = outcome.streams.poolProbe;
    expect([[...proc], [...tUs], [...latencyUs]]).toEqual([
      [0, 0],
      [20, 20],
      [-1, -1],
    ]);
    expect(outcome.warnings).toEqual(
      expect.arrayContaining(['rows of an unknown stream are passed over', 'blocks of unknown type 77 are passed over']),
    );
  });
});

describe('hostile blocks', () => {
  it('lengths beyond the file', () => {
    const huge = headerBlock();
    huge.writeUInt32LE(0xffff_ffff, 4);
    expect(codeOf(file(huge))).toBe('DDX_RECORDING_DAMAGED');
    const rows = columns(
      'samples',
      0xffff_ffff,
      [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
      Buffer.alloc(0),
    );
    expect(codeOf(file(headerBlock(), rows))).toContain('1 blocks of samples cannot be unpacked');
  });

  it('bombs do not go off', () => {
    const zeros = brotliCompressSync(Buffer.alloc(64 * 1024 * 1024), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
    const before = process.memoryUsage().arrayBuffers;
    const strings = block(BlockType.strings, Buffer.concat([Buffer.alloc(4), zeros]));
    const outcome = attempt(file(headerBlock(), strings, block(BlockType.documents, zeros))) as Recording;
    expect(outcome.strings).toEqual([]);
    expect(outcome.documents.processes).toEqual([]);
    const column = columns(
      'samples',
      2,
      [
        [0, 1, 0],
        [0, 1, 0],
        [0, 1, 0],
      ],
      Buffer.alloc(50_000_000),
    );
    expect(codeOf(file(headerBlock(), column))).toContain('1 blocks of samples cannot be unpacked');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150 * 1024 * 1024);
  });

  it('a thousand tiny blocks of constant columns do not unpack to gigabytes', () => {
    const constant = STREAMS.requests.map(() => [0, 0, 0] as [number, number, number]);
    const one = columns('requests', MAX_BLOCK_ROWS, constant, Buffer.alloc(0));
    const outcome = attempt(file(headerBlock(), ...Array.from({ length: 1000 }, () => one))) as Recording;
    expect(outcome.streams.requests.rows * STREAMS.requests.length * 8).toBeLessThan(200 * 1024 * 1024);
    expect(outcome.warnings.join()).toContain('the rest is left out');
  });

  it('columns of NaN, infinities, impossible widths and references to nowhere', () => {
    const floats = Buffer.alloc(16);
    floats.fill(0xff);
    const nan = columns(
      'samples',
      2,
      [
        [0, 0, 0],
        [3, 8, 0],
        [1, 0, Number.NEGATIVE_INFINITY],
      ],
      floats,
    );
    expect((attempt(file(headerBlock(), nan)) as Recording).streams.samples).toMatchObject({
      tUs: Float64Array.from([-1, -1]),
      node: Float64Array.from([-1, -1]),
    });
    for (const head of [
      [9, 1, 0],
      [0, 8, 0],
      [3, 4, 0],
      [2, 0, 0],
    ] as [number, number, number][]) {
      expect(codeOf(file(headerBlock(), columns('samples', 2, [head, [0, 0, 0], [0, 0, 0]], Buffer.alloc(2))))).toContain(
        'cannot be unpacked',
      );
    }
    const stray = columns(
      'gc',
      1,
      [
        [0, 0, 5000],
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 12],
        [0, 0, 0],
        [0, 0, 0],
      ],
      Buffer.alloc(0),
    );
    const outcome = attempt(file(headerBlock(), stray)) as Recording;
    expect(outcome.streams.gc.rows).toBe(0);
    expect(outcome.warnings).toEqual(
      expect.arrayContaining([
        '1 values of gc are out of range and taken as not known',
        '1 rows of gc belong to no process and are left out',
      ]),
    );
  });
});

describe('hostile documents', () => {
  it('wrong shapes are left out and reported', () => {
    const json = JSON.stringify({
      session: { windowStartUs: 'x' },
      processes: [7, { ...model.documents.processes[0], versions: { node: 22, v8: '12' } }],
      sites: { length: 1e9 },
      profiles: [
        { intervalUs: 1000, nodes: [{ parent: 0, location: { file: '', line: 1, function: '', source: 'app' }, ticks: [] }] },
        null,
      ],
      heapProfiles: [{ tUs: [1], stacks: [{ frames: [], liveBytes: [] }] }],
      sources: [{ file: 'a', firstLine: 1, lines: ['ok'] }, null],
      spawns: 'none',
      blocks: [
        { proc: 0, startUs: -1, endUs: 5, owner: 0, urlPath: 7, frames: [] },
        { proc: 99, startUs: -1, endUs: 5, owner: 0, urlPath: null, frames: [] },
      ],
    });
    const { documents, warnings } = attempt(withDocuments(json)) as Recording;
    expect(documents).toMatchObject({
      sites: [],
      profiles: [null, null],
      heapProfiles: [null, null],
      spawns: [],
      blocks: [],
      sources: [{ file: 'a' }],
    });
    expect(documents.session).toBeUndefined();
    expect(documents.processes.map(({ pid, versions }) => [pid, versions])).toEqual([
      [-1, {}],
      [1000, { v8: '12' }],
    ]);
    expect(warnings).toMatchInlineSnapshot(`
      [
        "documents.session is malformed and left out",
        "1 of documents.processes are malformed and left out",
        "1 of documents.sites are malformed and left out",
        "1 of documents.profiles are malformed and left out",
        "1 of documents.heapProfiles are malformed and left out",
        "1 of documents.sources are malformed and left out",
        "1 of documents.spawns are malformed and left out",
        "1 of documents.blocks are malformed and left out",
      ]
    `);
  });

  it('prototype keys stay names', () => {
    const processDocument = JSON.stringify(model.documents.processes[0]).replace(
      '"versions":{',
      '"__proto__":{"polluted":true},"versions":{"__proto__":"x","constructor":"y",',
    );
    const { documents } = attempt(withDocuments(`{"__proto__":{"session":1},"processes":[${processDocument}]}`)) as Recording;
    expect(documents.processes[0]!.versions).toEqual({ node: '22.0.0', constructor: 'y' });
    expect('polluted' in documents.processes[0]!).toBe(false);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('a window without end, an endless chain of profile nodes, deep nesting', () => {
    const session = { ...model.documents.session, windowEndUs: 1e300 };
    const location = { file: '', line: 1, function: '', source: 'app' };
    const chain = Array.from({ length: 5000 }, (_, index) => ({ parent: index - 1, location, ticks: [] }));
    const { documents } = attempt(
      withDocuments(JSON.stringify({ ...model.documents, session, profiles: [{ intervalUs: 1, nodes: chain }] })),
    ) as Recording;
    expect([documents.session, documents.profiles]).toEqual([undefined, [null]]);
    expect(codeOf(withDocuments('['.repeat(1_000_000)))).toContain('documents cannot be unpacked');
    expect(codeOf(withDocuments(`{"sites":${'['.repeat(100_000)}${']'.repeat(100_000)}}`))).toContain('documents.sites');
  });

  it('any JSON', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('session', 'processes', 'sites', 'profiles', 'sources', 'spawns', 'blocks'),
        (value, field) => {
          attempt(withDocuments(JSON.stringify({ ...model.documents, [field]: value })));
          attempt(file(block(BlockType.header, Buffer.from(JSON.stringify(value)))));
          attempt(file(headerBlock({ target: value, machine: value })));
        },
      ),
    );
  });
});
