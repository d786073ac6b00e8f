import type { Available, Fact, FactReader } from '../model/fact.js';
import type { Recording } from '../model/recording.js';

/** Thrown by a FactReader for a fact that the recording can't give; carries the reason up to whoever asked first. */
export class MissingFact extends Error {
  readonly because: string;
  readonly enable: string | undefined;
  constructor(because: string, enable?: string) {
    super(because);
    this.because = because;
    this.enable = enable;
  }
}

/** A reader that computes each fact once. A fact that reads a missing fact is missing for the same reason. */
export function createReader(recording: Recording): FactReader {
  const known = new Map<Fact<unknown>, Available<unknown>>();
  const get: FactReader = <T>(fact: Fact<T>): T => {
    let result = known.get(fact) as Available<T> | undefined;
    if (!result) {
      result = compute(fact, recording, get);
      known.set(fact, result);
    }
    if (result.ok) return result.value;
    throw new MissingFact(result.because, result.enable);
  };
  return get;
}

function compute<T>(fact: Fact<T>, recording: Recording, get: FactReader): Available<T> {
  try {
    return fact.compute(recording, get);
  } catch (error) {
    if (!(error instanceof MissingFact)) throw error;
    return error.enable === undefined ? { ok: false, because: error.because } : { ok: false, because: error.because, enable: error.enable };
  }
}

/** The fact's value, or null where it is missing: for facts that can do without. */
export function optional<T>(get: FactReader, fact: Fact<T>): T | null {
  try {
    return get(fact);
  } catch (error) {
    if (error instanceof MissingFact) return null;
    throw error;
  }
}
