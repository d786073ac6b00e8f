/** What a shape answers to a value that is none of its kind. */
export const WRONG = Symbol('wrong');

/** Gives back a value of type T built anew from known fields only, or WRONG. */
export type Shape<T> = (value: unknown) => T | typeof WRONG;

export const text: Shape<string> = (value) => (typeof value === 'string' ? value : WRONG);
export const truth: Shape<boolean> = (value) => (typeof value === 'boolean' ? value : WRONG);
export const number: Shape<number> = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : WRONG);

export function integer(from: number, to = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value) => (Number.isInteger(value) && (value as number) >= from && (value as number) <= to ? (value as number) : WRONG);
}

export function oneOf<T extends string | number>(...allowed: T[]): Shape<T> {
  return (value) => (allowed.includes(value as T) ? (value as T) : WRONG);
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value) => (value === null ? null : shape(value));
}

export function listOf<T>(shape: Shape<T>): Shape<T[]> {
  return (value) => {
    if (!Array.isArray(value)) return WRONG;
    const list: T[] = [];
    for (const item of value) {
      const seen = shape(item);
      if (seen === WRONG) return WRONG;
      list.push(seen);
    }
    return list;
  };
}

/** A pair such as [line, samples]. */
export function pairOf<A, B>(first: Shape<A>, second: Shape<B>): Shape<[A, B]> {
  return (value) => {
    if (!Array.isArray(value) || value.length !== 2) return WRONG;
    const a = first(value[0]);
    const b = second(value[1]);
    return a === WRONG || b === WRONG ? WRONG : [a, b];
  };
}

/** Entries whose value is wrong are left out, and `__proto__`, which some later assignment would take for more than a name. */
export function mapOf<T>(shape: Shape<T>, isKey: (key: string) => boolean = () => true): Shape<Record<string, T>> {
  return (value) => {
    if (!isObject(value)) return WRONG;
    const entries: [string, T][] = [];
    for (const key of Object.keys(value)) {
      const seen = shape(value[key]);
      if (seen !== WRONG && key !== '__proto__' && isKey(key)) entries.push([key, seen]);
    }
    return Object.fromEntries(entries);
  };
}

type Fields<T> = { [K in keyof T]-?: Shape<NonNullable<T[K]>> | Shape<T[K]> };

/** `optional` fields may be absent; a present one must fit. */
export function object<T extends object>(fields: Fields<T>, optional: readonly (keyof T)[] = []): Shape<T> {
  const keys = Object.keys(fields) as (keyof T & string)[];
  return (value) => {
    if (!isObject(value)) return WRONG;
    const built: Partial<Record<keyof T, unknown>> = {};
    for (const key of keys) {
      if (!Object.hasOwn(value, key)) {
        if (optional.includes(key)) continue;
        return WRONG;
      }
      const seen = (fields[key] as Shape<unknown>)(value[key]);
      if (seen === WRONG) return WRONG;
      built[key] = seen;
    }
    return built as T;
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
