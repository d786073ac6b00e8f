import { expect, it } from 'vitest';
import { DdxError } from '../errors.js';
import { seededRandom } from '../model/random.js';
import { parsePath } from './parse-path.js';
import { compileRequests } from './request-bytes.js';

it.each([
  ['/x', { method: 'GET', path: '/x', route: 'GET /x', weight: 1 }],
  [' GET /x?a=1&b=2 ', { method: 'GET', path: '/x?a=1&b=2', route: 'GET /x', weight: 1 }],
  ['delete /x/7', { method: 'DELETE', path: '/x/7', route: 'DELETE /x/7', weight: 1 }],
  ['3*/x', { method: 'GET', path: '/x', route: 'GET /x', weight: 3 }],
  ['0.5 * HEAD /', { method: 'HEAD', path: '/', route: 'HEAD /', weight: 0.5 }],
  ['/orders/[1-500]?full', { method: 'GET', path: '/orders/[1-500]?full', route: 'GET /orders/[1-500]', weight: 1 }],
  [
    'POST /x {"a": [1, 2]}',
    { method: 'POST', path: '/x', route: 'POST /x', headers: { 'Content-Type': 'application/json' }, body: '{"a": [1, 2]}', weight: 1 },
  ],
  ['2*PUT /x a=1', { method: 'PUT', path: '/x', route: 'PUT /x', headers: { 'Content-Type': 'text/plain' }, body: 'a=1', weight: 2 }],
])('%s', (text, expected) => expect(parsePath(text)).toEqual(expected));

it.each(['', 'x', 'http://host/x', 'FETCH /x', 'GET x', 'GET /x {}', '/x y', '0*/x', '-1*/x', '/x/[9-3]', '3*', 'POST'])(
  'nonsense with an example: %j',
  (text) => {
    const failure = (() => {
      try {
        return parsePath(text);
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toBeInstanceOf(DdxError);
    expect(failure).toMatchObject({ code: 'DDX_USAGE', next: expect.stringContaining('POST /orders') });
    expect((failure as DdxError).message).toContain(JSON.stringify(text));
  },
);

it('what goes over the wire', () => {
  const bytes = (text: string, host = '127.0.0.1', headers?: Record<string, string>) => {
    const random = seededRandom(1);
    const request = parsePath(text);
    return compileRequests([{ ...request, headers: { ...request.headers, ...headers } }], { host, port: 8080 })(random)
      .bytes(random)
      .toString();
  };
  expect(bytes('/x')).toBe('GET /x HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: ddx\r\nAccept: */*\r\n\r\n');
  expect(bytes('POST /x {"a":"é"}', '::1')).toBe(
    'POST /x HTTP/1.1\r\nHost: [::1]:8080\r\nUser-Agent: ddx\r\nAccept: */*\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"a":"é"}',
  );
  expect(bytes('POST /x')).toContain('Content-Length: 0\r\n');
  expect(bytes('/käse#top')).toMatch(/^GET \/k%C3%A4se HTTP/);
  expect(bytes('/x', 'h', { host: 'shop.example', 'content-length': '7' })).toBe(
    'GET /x HTTP/1.1\r\nhost: shop.example\r\nUser-Agent: ddx\r\nAccept: */*\r\n\r\n',
  );
  expect(() => bytes('/x', 'h', { a: 'b\r\nc: d' })).toThrow(DdxError);
});

it('draws ranges and weights', () => {
  const choose = compileRequests(['3*/a/[1-3]/[8-9]', '/b'].map(parsePath), { host: 'h', port: 80 });
  const random = seededRandom(7);
  const counts = new Map<string, number>();
  for (let i = 0; i < 4_000; i++) {
    const path = choose(random).bytes(random).toString().split(' ')[1]!;
    counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual(['/a/1/8', '/a/1/9', '/a/2/8', '/a/2/9', '/a/3/8', '/a/3/9', '/b']);
  for (const [path, count] of counts) expect(Math.abs(count - (path === '/b' ? 1_000 : 500))).toBeLessThan(150);
});
