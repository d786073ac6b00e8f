import { DdxError } from '../errors.js';
import type { RequestTemplate } from './options.js';

const SHAPE = /^(?:(?<weight>\d+(?:\.\d+)?)\s*\*\s*)?(?:(?<method>[A-Za-z]+)\s+)?(?<path>\/\S*)(?:\s+(?<body>\S[\s\S]*))?$/;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Reads one request as the command line gives it: "/x", "GET /x?y=1", "POST /x {json}", "/orders/[1-500]" (a random
 * integer in each request); "3*" before it makes it three times as frequent. Throws DDX_USAGE.
 */
export function parsePath(text: string): RequestTemplate {
  const groups = SHAPE.exec(text.trim())?.groups;
  if (!groups) throw notUnderstood(text, 'it is not a path');
  const path = groups['path']!;
  const body = groups['body'];
  const method = (groups['method'] ?? 'GET').toUpperCase();
  const weight = Number(groups['weight'] ?? 1);
  if (!METHODS.has(method)) throw notUnderstood(text, `${method} is not one of ${[...METHODS].join(', ')}`);
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) throw notUnderstood(text, `a ${method} request has no body`);
  if (!(weight > 0) || !Number.isFinite(weight)) throw notUnderstood(text, 'its weight must be above 0');
  for (const [range, low, high] of path.matchAll(/\[(\d+)-(\d+)\]/g)) {
    if (Number(low) > Number(high) || !Number.isSafeInteger(Number(high)))
      throw notUnderstood(text, `the range ${range} is empty or too large`);
  }
  const route = `${method} ${path.replace(/[?#].*$/s, '')}`;
  if (body === undefined) return { method, path, route, weight };
  return { method, path, route, headers: { 'Content-Type': isJson(body) ? 'application/json' : 'text/plain' }, body, weight };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function notUnderstood(text: string, because: string): DdxError {
  return new DdxError(
    'DDX_USAGE',
    `The path ${JSON.stringify(text)} is not understood: ${because}.`,
    `Write it like /orders, "GET /orders?limit=10", "POST /orders {\\"id\\": 1}", "3*/orders" (three times as often) or "/orders/[1-500]".`,
  );
}
