import { describe, expect, it } from 'vitest';
import { createRouteNamer, normalisePath } from './route.js';

describe('a path without a router', () => {
  it.each([
    ['/', '/'],
    ['/orders/42', '/orders/:id'],
    ['/users/7b0f9a3e-52c6-4d3f-9c51-b1f7a2e4d8aa/cart', '/users/:id/cart'],
    ['/files/9f1c2ab4', '/files/:id'],
    ['/mail/jane@example.com', '/mail/:id'],
    ['/q/caf%C3%A9', '/q/:id'],
    ['/token/QWxhZGRpbjpvcGVuIHNlc2FtZQ', '/token/:id'],
    ['/a-very-long-name-that-nobody-gives-a-route', '/:id'],
    ['/api/v2/oauth2/mp3', '/api/v2/oauth2/mp3'],
    ['/catalogue/search', '/catalogue/search'],
    ['/order-1042/print', '/:id/print'],
  ])('%s is %s', (path, route) => {
    expect(normalisePath(path)).toBe(route);
  });

  it('leaves the query out, whatever is in it', () => {
    const { fromUrl } = namer();
    expect(fromUrl('GET', '/search?q=secret&card=4111')).toBe('GET /search');
    expect(fromUrl('GET', '/search/#top')).toBe('GET /search');
    expect(fromUrl('GET', 'http://host:80/a/1?x')).toBe('GET /a/:id');
    expect(fromUrl('OPTIONS', '*')).toBe('OPTIONS /');
  });
});

it('a router pattern is taken as it is, tidied', () => {
  const { fromPattern } = namer();
  expect(fromPattern('GET', '/orders//:id/')).toBe('GET /orders/:id');
  expect(fromPattern('POST', '')).toBe('POST /');
});

it('the number of routes is bounded, known ones stay', () => {
  const { fromUrl, fromPattern } = namer();
  for (let i = 0; i < 1000; i++) fromUrl('GET', `/page-${letters(i)}`);
  expect(fromUrl('GET', '/one-too-many')).toBe('GET (other)');
  expect(fromPattern('PUT', '/one-too-many')).toBe('PUT (other)');
  expect(fromUrl('GET', `/page-${letters(5)}`)).toBe(`GET /page-${letters(5)}`);
});

/** Names instead of indices. */
function namer(): Record<'fromUrl' | 'fromPattern', (method: string, text: string) => string> {
  const routes: string[] = [];
  const { fromUrl, fromPattern } = createRouteNamer((route) => routes.push(route) - 1);
  return {
    fromUrl: (method, url) => routes[fromUrl(method, url)]!,
    fromPattern: (method, pattern) => routes[fromPattern(method, pattern)]!,
  };
}

function letters(n: number): string {
  return n < 26 ? String.fromCharCode(97 + n) : letters(Math.floor(n / 26) - 1) + letters(n % 26);
}
