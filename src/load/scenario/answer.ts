import type { Exchange } from '../channel.js';
import type { Answer, Extractor } from './types.js';

/** The answer of an exchange that was asked to keep it. */
export function answerOf({ status, answer, intendedUs }: Exchange, doneUs: number): Answer {
  const text = answer?.body.toString('utf8') ?? '';
  let parsed: { value: unknown } | null = null;
  return {
    status,
    headers: headersOf(answer?.head ?? ''),
    text,
    ms: (doneUs - intendedUs) / 1_000,
    json: () => {
      parsed ??= { value: JSON.parse(text) };
      return parsed.value;
    },
  };
}

/** The value that a source such as "json:items.0.id" names; undefined where the answer has it not. */
export function extract(source: string | Extractor, answer: Answer): string | undefined {
  if (typeof source === 'function') return worded(source(answer));
  const [kind, rest = ''] = source.split(/:(.*)/s) as [string, string?];
  switch (kind) {
    case 'json':
      return worded(jsonAt(answer, rest));
    case 'header':
      return answer.headers[rest.toLowerCase()];
    case 'regex': {
      const match = new RegExp(rest).exec(answer.text);
      return match?.[1] ?? match?.[0];
    }
    default:
      return answer.text;
  }
}

/** The value at "items.0.id"; undefined where there is none, or no JSON. */
export function jsonAt(answer: Answer, path: string): unknown {
  let value: unknown;
  try {
    value = answer.json();
  } catch {
    return undefined;
  }
  for (const key of path.split('.').filter((part) => part !== '' && part !== '$')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function headersOf(head: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}

function worded(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
