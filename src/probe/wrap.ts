import type { WaitKind } from '../model/recording.js';
import { builtin } from './builtin.js';
import { state } from './state.js';
import { createTag } from './tag.js';
import { beginWait, endWait, type Wait } from './waits.js';

export type Fn = (this: unknown, ...args: unknown[]) => unknown;

const replaced: { target: Record<string, unknown>; name: string; original: Fn; wrapped: Fn }[] = [];

/**
 * Puts a wrapper in the place of `target[name]`. It looks like the original: name, length, promisify symbols, source text.
 * Missing or unusual members are left alone, and what is wrapped already.
 */
export function replace(target: object, name: string, make: (original: Fn) => Fn): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  if (!descriptor || typeof descriptor.value !== 'function' || !descriptor.configurable || !descriptor.writable) return;
  const original = descriptor.value as Fn;
  if (replaced.some((one) => one.wrapped === original)) return;
  const known = replaced.find((one) => one.original === original);
  const wrapped = known ? known.wrapped : disguise(make(original), original);
  Object.defineProperty(target, name, { ...descriptor, value: wrapped });
  replaced.push({ target: target as Record<string, unknown>, name, original, wrapped });
}

/** Puts the originals back wherever nobody has wrapped ours in between. Wrappers that were kept elsewhere only pass through. */
export function restoreAll(): void {
  for (const { target, name, original, wrapped } of replaced.splice(0)) if (target[name] === wrapped) target[name] = original;
  syncModules();
}

/** Makes `import { readFile } from 'node:fs'` see the same functions as `require`. */
export function syncModules(): void {
  builtin<typeof import('node:module')>('module').syncBuiltinESMExports();
}

/** Wraps a function whose last argument is a callback: the wait ends when the callback begins. */
export function wrapCallback(target: object, name: string, kind: WaitKind, dest: string): void {
  replace(target, name, (original) => {
    const wrapped: Fn = function (...args) {
      if (!state.tracing) return Reflect.apply(original, this, args);
      const callback = args[args.length - 1];
      if (typeof callback === 'function') {
        const wait = beginWait(kind, dest, wrapped);
        if (wait) args[args.length - 1] = ending(wait, callback as Fn);
      }
      return Reflect.apply(original, this, args);
    };
    return wrapped;
  });
}

/** Wraps a function that returns a promise, without touching the promise: the wait ends when V8 settles it. */
export function wrapPromise(target: object, name: string, kind: WaitKind, dest: string): void {
  replace(target, name, (original) => {
    const wrapped: Fn = function (...args) {
      if (!state.tracing) return Reflect.apply(original, this, args);
      const wait = beginWait(kind, dest, wrapped);
      const result = Reflect.apply(original, this, args);
      if (wait) endWhenSettled(result, wait);
      return result;
    };
    return wrapped;
  });
}

export function endWhenSettled(result: unknown, wait: Wait): void {
  if (!(result instanceof Promise)) return;
  try {
    awaited.set(result, wait);
  } catch {}
}

/** Ends the waits of `wrapPromise`. A handler of our own on the promise would hide a rejection that nobody else handles. */
export function watchPromises(): () => void {
  const { promiseHooks } = builtin<typeof import('node:v8')>('v8');
  return promiseHooks.onSettled((promise) => {
    const wait = awaited.get(promise);
    if (wait) endWait(wait, false);
  }) as unknown as () => void;
}

const awaited = createTag<Wait>();

function ending(wait: Wait, callback: Fn): Fn {
  return function (...results) {
    endWait(wait, results[0] instanceof Error);
    return Reflect.apply(callback, this, results);
  };
}

function disguise(wrapped: Fn, original: Fn): Fn {
  for (const key of Reflect.ownKeys(original)) {
    if (key === 'prototype') continue;
    const property = Object.getOwnPropertyDescriptor(original, key);
    if (property) Object.defineProperty(wrapped, key, property);
  }
  Object.defineProperty(wrapped, 'toString', {
    value: () => Function.prototype.toString.call(original),
    configurable: true,
    writable: true,
  });
  return wrapped;
}
