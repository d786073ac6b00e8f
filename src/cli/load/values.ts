import { parseDuration, unusable } from '../values.js';

export interface Ramp {
  fromPerS: number;
  toPerS: number;
}

/** "50..800": requests per second at the beginning and at the end. */
export function parseRamp(text: string, option: string): Ramp {
  const match = /^(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)$/.exec(text.trim());
  const [fromPerS, toPerS] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || !(fromPerS > 0) || !(toPerS > 0) || Math.max(fromPerS, toPerS) > 1e6)
    throw unusable(option, text, 'two rates above 0, such as 50..800');
  return { fromPerS, toPerS };
}

export type ArrivalKind = 'poisson' | 'uniform' | 'trace';
const ARRIVALS: readonly ArrivalKind[] = ['poisson', 'uniform', 'trace'];

export function parseArrivals(text: string, option: string): ArrivalKind {
  const kind = ARRIVALS.find((known) => known === text);
  if (!kind) throw unusable(option, text, `one of ${ARRIVALS.join(', ')}`);
  return kind;
}

/** A condition on the result: `limit` in milliseconds, for errors a share 0..1, for rate answers per second. */
export interface Goal {
  metric: 'p50' | 'p90' | 'p99' | 'p99.9' | 'max' | 'mean' | 'errors' | 'rate';
  limit: number;
  text: string;
}

export function parseGoal(text: string, option: string): Goal {
  const [, metric = '', value = ''] = /^(p50|p90|p99|p99\.9|max|mean|errors|rate)=(.+)$/.exec(text.trim()) ?? [];
  const wanted = 'METRIC=LIMIT: p50, p90, p99, p99.9, max or mean with a duration (p99=300ms), errors=1%, or rate=500';
  if (metric === 'errors') {
    const share = Number(/^(\d+(?:\.\d+)?)%$/.exec(value)?.[1]) / 100;
    if (!(share >= 0 && share <= 1)) throw unusable(option, text, wanted);
    return { metric, limit: share, text };
  }
  if (metric === 'rate') {
    if (!(Number(value) > 0)) throw unusable(option, text, wanted);
    return { metric, limit: Number(value), text };
  }
  if (metric === '' || !/[a-z]$/.test(value)) throw unusable(option, text, wanted);
  return { metric: metric as Goal['metric'], limit: parseDuration(value, option), text };
}

/** "Name: value". */
export function parseHeader(text: string, option: string): [name: string, value: string] {
  const match = /^([^\s:]+):\s*(.*)$/.exec(text);
  if (!match) throw unusable(option, text, 'a header such as "Authorization: Bearer abc"');
  return [match[1]!, match[2]!];
}

/** "api.example.com=localhost:3000": which recorded host stands for the target. */
export function parseHostMap(text: string, option: string): [recorded: string, target: string] {
  const match = /^([^\s=]+)=(\S+)$/.exec(text.trim());
  if (!match) throw unusable(option, text, 'RECORDED=TARGET, such as api.example.com=localhost:3000');
  return [match[1]!.toLowerCase(), match[2]!];
}

/** A factor above 0. */
export function parseFactor(text: string, option: string): number {
  const factor = Number(text);
  if (!(factor > 0) || factor > 1_000) throw unusable(option, text, 'a factor above 0, such as 2 for twice as fast');
  return factor;
}
