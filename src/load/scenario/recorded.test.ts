import { describe, expect, it } from 'vitest';
import { readAccessLog } from './access-log.js';
import { readHar } from './har.js';
import { readOpenApi } from './openapi.js';

const entry = (method: string, url: string, atMs: number, more: object = {}) => ({
  startedDateTime: new Date(1_700_000_000_000 + atMs).toISOString(),
  request: {
    method,
    url,
    headers: [
      { name: 'Accept', value: 'text/html' },
      { name: ':path', value: '/x' },
      { name: 'Host', value: 'x' },
    ],
    ...more,
  },
});
const har = (...entries: object[]) => JSON.stringify({ log: { entries } });

describe('HAR', () => {
  it('gives what went to the target, in order of time', () => {
    const text = har(
      entry('GET', 'http://localhost:3000/b?x=1', 250),
      entry('POST', 'https://api.example.com/orders/17', 400, { postData: { text: '{"a":1}', mimeType: 'application/json' } }),
      entry('GET', 'http://localhost:3000/a', 0),
      entry('GET', 'https://fonts.example.com/f', 10),
      entry('GET', 'data:text/plain,x', 10),
    );
    const { requests, notes } = readHar('x.har', text, 'localhost:3000', new Set(['api.example.com']));
    expect(requests.map(({ route, path, atMs }) => [route, path, atMs])).toEqual([
      ['GET /a', '/a', 0],
      ['GET /b', '/b?x=1', 250],
      ['POST /orders/:id', '/orders/17', 400],
    ]);
    expect(requests[2]).toMatchObject({ body: '{"a":1}', headers: { Accept: 'text/html' } });
    expect(requests[0]!.headers).toEqual({ Accept: 'text/html' });
    expect(notes).toEqual(['Left out of x.har: requests to fonts.example.com (1).']);
  });

  it.each([
    ['of another host asks for a map', har(entry('GET', 'https://shop.example/', 0)), /went to localhost:3000, but to shop\.example \(1\)/],
    ['that is no JSON shows the line', '{\n"log": {\n  "entries": [,]\n}}', /x\.har:3: it is no JSON[\s\S]*3 \| "entries"/],
    ['that is something else', '{"a":1}', /no log\.entries/],
    ['without requests', har(), /has no requests/],
  ])('%s', (_, text, message) => {
    expect(() => readHar('x.har', text, 'localhost:3000', new Set())).toThrow(message);
  });
});

describe('OpenAPI', () => {
  const api = (paths: object) =>
    JSON.stringify({
      openapi: '3.0.0',
      servers: [{ url: 'https://x.example/v1/' }],
      paths,
      components: { parameters: { Id: { name: 'id', in: 'path', schema: { type: 'integer', maximum: 50 } } } },
    });

  it('gives each GET with values for what it needs, and leaves out what changes something', () => {
    const text = api({
      '/orders/{id}': { parameters: [{ $ref: '#/components/parameters/Id' }], get: {}, delete: {} },
      '/search': {
        get: {
          parameters: [
            { name: 'q', in: 'query', required: true, example: 'a b' },
            { name: 'page', in: 'query' },
          ],
        },
      },
      '/users/{name}': { get: { parameters: [{ name: 'name', in: 'path', schema: { type: 'string' } }] } },
    });
    const { requests, notes } = readOpenApi('api.json', text);
    expect(requests.map(({ route, path }) => [route, path])).toEqual([
      ['GET /orders/{id}', '/v1/orders/[1-50]'],
      ['GET /search', '/v1/search?q=a%20b'],
    ]);
    expect(notes).toEqual(['Left out of api.json: DELETE /orders/{id} (changes something), GET /users/{name} (no example for name).']);
  });

  it('with nothing to ask for is refused', () => {
    expect(() => readOpenApi('api.json', api({ '/x': { post: {} } }))).toThrow(/POST \/x \(changes something\)/);
    expect(() => readOpenApi('api.json', '[]')).toThrow(/no OpenAPI/);
  });
});

describe('access logs', () => {
  it('nginx: the requests of a second are spread over it', () => {
    const line = (time: string, request: string) => `10.0.0.1 - - [21/Nov/2025:${time} +0100] "${request}" 200 5 "-" "curl"`;
    const text = [
      line('10:00:01', 'GET /b HTTP/1.1'),
      line('10:00:00', 'GET /a?x=1 HTTP/1.1'),
      line('10:00:01', 'GET /c/123 HTTP/2.0'),
      line('10:00:01', 'POST /d HTTP/1.1'),
      'garbage',
      '',
    ].join('\n');
    const { requests, notes } = readAccessLog('access.log', text);
    expect(requests.map(({ path, route, atMs }) => [path, route, atMs])).toEqual([
      ['/a?x=1', 'GET /a', 0],
      ['/b', 'GET /b', 1_000],
      ['/c/123', 'GET /c/:id', 1_500],
    ]);
    expect(notes).toEqual([expect.stringMatching(/1 requests with methods other/), expect.stringMatching(/1 lines/)]);
  });

  it('HAProxy: to the millisecond', () => {
    const line = (time: string, path: string) =>
      `Nov 21 10:00:00 lb haproxy[1]: 10.0.0.1:5000 [21/Nov/2025:${time}] web app/s1 0/0/0/1/1 200 120 - - ---- 1/1/0/0/0 0/0 "GET ${path} HTTP/1.1"`;
    const { requests, notes } = readAccessLog('haproxy.log', [line('10:00:00.100', '/a'), line('10:00:00.350', '/b')].join('\n'));
    expect(requests.map(({ path, atMs }) => [path, atMs])).toEqual([
      ['/a', 0],
      ['/b', 250],
    ]);
    expect(notes).toEqual([]);
  });

  it('something else is refused', () => {
    expect(() => readAccessLog('x.log', 'hello\nworld\n')).toThrow(/2 lines are not understood/);
  });
});
