import { state } from './state.js';

/** Ties a value to somebody else's object: no visible property, no entry in a WeakMap that the collector must walk. */
export interface Tag<T> {
  get(target: object): T | undefined;
  set(target: object, value: T): void;
}

/**
 * Makes a tag of its own. `set` throws where the object does not take private fields (frozen, on newer V8). A private field stays on its
 * object for good; a probe that must leave no trace pays for a WeakMap.
 */
export function createTag<T>(): Tag<T> {
  if (state.traceless) return new WeakMap<object, T>();
  return class Tagged extends Returned {
    #value: T;
    constructor(target: object, value: T) {
      super(target);
      this.#value = value;
    }
    static get(target: object): T | undefined {
      return #value in target ? (target as Tagged).#value : undefined;
    }
    static set(target: object, value: T): void {
      if (#value in target) (target as Tagged).#value = value;
      else new Tagged(target, value);
    }
  };
}

/** A base class whose constructor returns another object makes the derived class install its private fields there. */
class Returned {
  constructor(target: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is the point of the class
    return target;
  }
}
