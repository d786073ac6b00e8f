import { expect, test } from 'vitest';
import { parsePlace, requestHref, routeHref } from './place.js';

test('routes and requests survive the way through an address', () => {
  for (const name of ['GET /orders/:id', 'GET /a#b?c=d&e%20f', '/ü"><script>', '%']) {
    expect(parsePlace(routeHref(name)).route).toBe(name);
    expect(parsePlace(requestHref(name)).request).toBe(name);
  }
  expect(parsePlace('#finding-2')).toEqual({ id: 'finding-2', route: null, request: null });
  expect(parsePlace('#route=%E0%A4%A')).toEqual({ id: 'route=%E0%A4%A', route: null, request: null });
});
