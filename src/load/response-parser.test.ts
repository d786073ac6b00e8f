import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResponseParser } from './response-parser.js';

const CRLF = '\r\n';
const head = (...lines: string[]) => `${lines.join(CRLF)}${CRLF}${CRLF}`;

interface Outcome {
  parsed: string;
  status: number;
  bytes: number;
  reusable: boolean;
}

/** Feeds the pieces, each in a buffer that is larger than the piece and used again, as the sockets do. */
function outcome(pieces: Uint8Array[], method = 'GET', ended = false): Outcome {
  const parser = new ResponseParser();
  parser.begin(method);
  const buffer = Buffer.alloc(Math.max(1, ...pieces.map((piece) => piece.length)) + 7, '\n');
  let parsed: string = 'more';
  for (const [index, piece] of pieces.entries()) {
    buffer.fill('\n').set(piece);
    parsed = parser.feed(buffer, piece.length);
    if (parsed === 'malformed') return { parsed, status: 0, bytes: 0, reusable: false };
    // What follows the end of an answer is the next read of a connection that should be silent.
    if (parsed === 'done') {
      if (index < pieces.length - 1) parser.reusable = false;
      break;
    }
  }
  if (parsed === 'more' && ended) parsed = parser.end() ? 'done' : 'closed';
  return { parsed, status: parser.status, bytes: parser.bodyBytes, reusable: parser.reusable };
}

const whole = (text: string, method = 'GET', ended = false) => outcome([Buffer.from(text, 'latin1')], method, ended);

const CASES: [name: string, text: string, method: string, ended: boolean, expected: Outcome][] = [
  [
    'content-length',
    `${head('HTTP/1.1 200 OK', 'Content-Length: 5', 'X: y')}hello`,
    'GET',
    false,
    { parsed: 'done', status: 200, bytes: 5, reusable: true },
  ],
  ['empty body', head('HTTP/1.1 200 OK', 'content-length:0'), 'GET', false, { parsed: 'done', status: 200, bytes: 0, reusable: true }],
  [
    'incomplete body',
    `${head('HTTP/1.1 200 OK', 'Content-Length: 6')}hello`,
    'GET',
    true,
    { parsed: 'closed', status: 200, bytes: 5, reusable: true },
  ],
  [
    'chunked with an extension and trailers',
    `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}5;a=b\r\nhel\nl\r\n00A\r\n0123456789\r\n0\r\nX-Sum: 1\r\nContent-Length: 3\r\n\r\n`,
    'GET',
    false,
    { parsed: 'done', status: 200, bytes: 15, reusable: true },
  ],
  [
    'chunked wins over a length',
    `${head('HTTP/1.1 200 OK', 'Content-Length: 99', 'transfer-encoding: gzip, Chunked')}1\r\nx\r\n0\r\n\r\n`,
    'GET',
    false,
    { parsed: 'done', status: 200, bytes: 1, reusable: true },
  ],
  [
    'until the connection closes',
    `${head('HTTP/1.1 200 OK', 'X: y')}any\r\nthing`,
    'GET',
    true,
    { parsed: 'done', status: 200, bytes: 10, reusable: false },
  ],
  [
    'HEAD has no body',
    head('HTTP/1.1 200 OK', 'Content-Length: 5'),
    'HEAD',
    false,
    { parsed: 'done', status: 200, bytes: 0, reusable: true },
  ],
  ['204', head('HTTP/1.1 204 No Content', 'X: y'), 'GET', false, { parsed: 'done', status: 204, bytes: 0, reusable: true }],
  ['304', head('HTTP/1.1 304', 'Content-Length: 5'), 'GET', false, { parsed: 'done', status: 304, bytes: 0, reusable: true }],
  [
    'interim answers',
    `${head('HTTP/1.1 100 Continue')}${head('HTTP/1.1 103 Early Hints', 'Connection: close')}${head('HTTP/1.1 404 Not Found', 'Content-Length: 2')}no`,
    'POST',
    false,
    { parsed: 'done', status: 404, bytes: 2, reusable: true },
  ],
  [
    'connection: close',
    `${head('HTTP/1.1 500 Oops', 'Connection: Upgrade, Close', 'Content-Length: 1')}x`,
    'GET',
    false,
    { parsed: 'done', status: 500, bytes: 1, reusable: false },
  ],
  [
    'HTTP/1.0 closes',
    `${head('HTTP/1.0 200 OK', 'Content-Length: 1')}x`,
    'GET',
    false,
    { parsed: 'done', status: 200, bytes: 1, reusable: false },
  ],
  [
    'HTTP/1.0 kept alive',
    `${head('HTTP/1.0 200 OK', 'Connection: keep-alive', 'Content-Length: 1')}x`,
    'GET',
    false,
    { parsed: 'done', status: 200, bytes: 1, reusable: true },
  ],
  ['bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', 'GET', false, { parsed: 'done', status: 200, bytes: 2, reusable: true }],
  [
    'bytes after the end',
    `${head('HTTP/1.1 200 OK', 'Content-Length: 1')}xHTTP/1.1 408 Late\r\n\r\n`,
    'GET',
    false,
    { parsed: 'done', status: 200, bytes: 1, reusable: false },
  ],
  ['a protocol switch', head('HTTP/1.1 101 Switching Protocols'), 'GET', false, { parsed: 'done', status: 101, bytes: 0, reusable: false }],
  ['nothing', '', 'GET', true, { parsed: 'closed', status: 0, bytes: 0, reusable: true }],
];

const MALFORMED: [string, string][] = [
  ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['no HTTP and no line either', 'x'.repeat(20)],
  ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n'],
  ['no status', 'HTTP/1.1 OK\r\n\r\n'],
  ['status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['negative length', head('HTTP/1.1 200 OK', 'Content-Length: -1')],
  ['two lengths', head('HTTP/1.1 200 OK', 'Content-Length: 1', 'Content-Length: 2')],
  ['chunk size', `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}zz\r\n`],
  ['chunk longer than its size', `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}1\r\nxyz\r\n`],
  ['head without end', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(300 * 1024)}`],
];

describe('one answer', () => {
  it.each(CASES)('%s', (_, text, method, ended, expected) => expect(whole(text, method, ended)).toEqual(expected));
  it.each(MALFORMED)('malformed: %s', (_, text) => expect(whole(text).parsed).toBe('malformed'));

  it('follows another on the same parser', () => {
    const parser = new ResponseParser();
    for (const [, text, method, , expected] of CASES.filter((one) => one[4].parsed === 'done' && one[4].reusable)) {
      parser.begin(method);
      expect(parser.feed(Buffer.from(text, 'latin1'), text.length)).toBe('done');
      expect({ status: parser.status, bytes: parser.bodyBytes }).toEqual({ status: expected.status, bytes: expected.bytes });
    }
  });
});

describe('split anywhere', () => {
  const texts = fc.oneof(
    fc.constantFrom(...CASES.map(([, text, method, ended]) => ({ text, method, ended }))),
    fc.constantFrom(...MALFORMED.slice(0, -1).map(([, text]) => ({ text, method: 'GET', ended: true }))),
    fc.record({
      text: fc.tuple(fc.constantFrom(...CASES), fc.nat(), fc.string({ maxLength: 3 })).map(([[, text], at, noise]) => {
        const cut = at % (text.length + 1);
        return text.slice(0, cut) + noise.replace(/[^\0-\xff]/g, '?') + text.slice(cut + noise.length);
      }),
      method: fc.constantFrom('GET', 'HEAD'),
      ended: fc.boolean(),
    }),
  );

  it('it is the same answer', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat(), { maxLength: 12 }), ({ text, method, ended }, cuts) => {
        const bytes = Buffer.from(text, 'latin1');
        const at = [...new Set([0, bytes.length, ...cuts.map((cut) => cut % (bytes.length + 1))])].sort((a, b) => a - b);
        const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        expect(outcome(pieces, method, ended)).toEqual(outcome([bytes], method, ended));
      }),
      { numRuns: 3_000 },
    );
  });

  it('even byte by byte', () => {
    for (const [, text, method, ended, expected] of CASES) {
      const bytes = Buffer.from(text, 'latin1');
      expect(
        outcome(
          [...bytes].map((byte) => Uint8Array.of(byte)),
          method,
          ended,
        ),
      ).toEqual(expected);
    }
  });
});
