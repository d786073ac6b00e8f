import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OUTPUT_KINDS } from '../../src/cli/output-kinds.js';
import { splitBlocks } from '../../src/recording/blocks.js';
import { BlockType } from '../../src/recording/format.js';
import { readRecording } from '../../src/recording/reader.js';
import { ddx, type Finished, privateFolder, reportOf } from './kit/ddx.js';

/** One run of a server that holds secrets in every corner (fixtures/secrets.cjs); all of them carry this mark. */
const MARK = /.{0,60}7Qz.{0,40}/g;

let folder: ReturnType<typeof privateFolder>;
let run: Finished;
const kinds = Object.keys(OUTPUT_KINDS);
const pathOf = (kind: string) => join(folder.path, `report.${kind}`);

beforeAll(async () => {
  folder = privateFolder();
  const paths = [
    '/letters?token=7Qz-query&user=7Qz-query-user',
    '/search?q=7Qz-search',
    '/reset/k7Qz-1a2b3c4d5e6f7a8b9c0d-path',
    '/people/anna.7Qz@example.com',
    'POST /login {"password":"7Qz-body"}',
  ];
  run = await ddx(
    [
      ...['run', '--json', '--depth', 'deep', '--rate', '30', '--warmup', '500ms', '--for', '20s', '--out', pathOf('ddx')],
      ...paths.flatMap((path) => ['--path', path]),
      ...kinds.flatMap((kind) => ['--output', `${kind}=${pathOf(kind)}`]),
      ...['--', 'node', 'secrets.cjs', '--db-password', '7Qz-argv', '--key=7Qz-argv-key', 'SESSION_SECRET=7Qz-argv-env'],
      ...['redis://:7Qz-argv-url@cache:6379', '--auth-token', '7Qz-argv-token'],
    ],
    { env: { TMPDIR: folder.path, API_TOKEN: '7Qz-env', DATABASE_URL: 'mysql://root:7Qz-env-url@db/x' } },
  );
});
afterAll(() => folder.remove());

it('looked into every corner: the run was judged, source was kept, and so were the last words', () => {
  const report = reportOf(run);
  expect(report.target.exit?.stderrTail.join('\n')).toContain('no such letter');
  expect(report.requests.count).toBeGreaterThan(50);
  const lines = readRecording(pathOf('ddx')).documents.sources.flatMap((source) => source.lines);
  expect(lines.join('\n')).toContain('createHash');
  expect(Object.keys(report.ledger).join(' ')).toContain('/letters');
});

it('nothing secret is in the recording, whatever of it is decoded', () => {
  const { blocks } = splitBlocks(readFileSync(pathOf('ddx')), 'it');
  const texts = blocks.map(({ type, payload }) => {
    if (type === BlockType.strings) return brotliDecompressSync(payload.subarray(4)).toString('utf8');
    return (type === BlockType.documents ? brotliDecompressSync(payload) : payload).toString('utf8');
  });
  expect(texts.length).toBeGreaterThan(5);
  expect(texts.join('\n').match(MARK)).toBeNull();
});

it.each([...kinds, 'stdout', 'stderr'])('nothing secret is in %s', (kind) => {
  expect(written(kind).match(MARK)).toBeNull();
});

function written(kind: string): string {
  // What the target says passes through; only what ddx says of it counts.
  if (kind === 'stdout') return run.stdout;
  if (kind === 'stderr')
    return run.stderr
      .split('\n')
      .filter((line) => line.startsWith('ddx'))
      .join('\n');
  const bytes = readFileSync(pathOf(kind));
  if (kind === 'pprof') return gunzipSync(bytes).toString('latin1');
  if (kind !== 'html') return bytes.toString('utf8');
  const packed = /id="ddx-data">([^<]*)/.exec(bytes.toString('latin1'))![1]!;
  return bytes.toString('utf8') + gunzipSync(Buffer.from(packed, 'base64')).toString('utf8');
}
