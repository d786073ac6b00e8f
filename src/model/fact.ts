import type { Recording } from './recording.js';

/** A value derived from a recording, or the reason why it can't be (and what would make it possible). */
export type Available<T> = { ok: true; value: T } | { ok: false; because: string; enable?: string };

/** Computed once per recording, however many rules ask. Pure: no clock, no random, no I/O. */
export interface Fact<T> {
  readonly id: string;
  readonly compute: (recording: Recording, get: FactReader) => Available<T>;
}

/**
 * Reads a fact. Throws MissingFact when it is not available; who asks need not care: the asking fact or rule becomes
 * unavailable with the same reason.
 */
export type FactReader = <T>(fact: Fact<T>) => T;
