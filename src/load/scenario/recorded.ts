import { DdxError } from '../../errors.js';
import type { RequestTemplate } from '../options.js';

/** Requests as they were recorded somewhere. `atMs`: since the first; ascending. */
export interface Recorded {
  requests: (RequestTemplate & { atMs: number })[];
  /** What was left out, and why. */
  notes: string[];
}

const MOST_ROUTES = 200;

/** "GET /orders/17?x=1" belongs to "GET /orders/:n": numbers and hashes in paths name things, not routes. */
export function routeOf(method: string, path: string): string {
  const parts = path
    .replace(/[?#].*$/s, '')
    .split('/')
    .map((part) => (/^\d+$|^[0-9a-f]{8}-[0-9a-f-]{27}$|^[0-9a-f]{16,}$/i.test(part) ? ':id' : part));
  return `${method} ${parts.join('/')}`;
}

/** Sorted by time, from 0, with at most so many routes that a report can hold. */
export function inOrder(requests: (RequestTemplate & { atMs: number })[], notes: string[]): Recorded {
  const sorted = [...requests].sort((a, b) => a.atMs - b.atMs);
  const firstMs = sorted[0]?.atMs ?? 0;
  const kept = new Set([...new Set(sorted.map(({ route }) => route))].slice(0, MOST_ROUTES));
  const named = (route: string): string => (kept.has(route) ? route : 'other routes');
  return { requests: sorted.map((request) => ({ ...request, route: named(request.route), atMs: request.atMs - firstMs })), notes };
}

/** Parses a JSON file; a fault is shown with its line. Throws DDX_SCENARIO. */
export function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const line = text.slice(0, faultAt(text, message)).split('\n').length;
    const shown = text.split('\n')[line - 1]?.trim().slice(0, 120);
    throw new DdxError(
      'DDX_SCENARIO',
      `${file}:${line}: it is no JSON: ${message}.\n     ${line} | ${shown}`,
      'Save it again, or mend that line.',
    );
  }
}

/** Where JSON.parse stopped: newer versions say the position, older ones show ten characters before and behind it. */
function faultAt(text: string, message: string): number {
  const position = /position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  const excerpt = /\.\.\.\s?"(.{10,}?)"(?:\.\.\.)? is not valid JSON$/s.exec(message)?.[1];
  const at = excerpt === undefined ? -1 : text.indexOf(excerpt);
  if (at >= 0) return at + 10;
  return /end of JSON/.test(message) ? text.length : 0;
}

export function unusable(file: string, why: string, next: string): DdxError {
  return new DdxError('DDX_SCENARIO', `${file}: ${why}.`, next);
}
