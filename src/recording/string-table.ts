import { MAX_STRING_CHARS, MAX_STRINGS, MAX_STRINGS_CHARS, OVERFLOW_STRING } from './format.js';

/** Names and their indices, bounded. */
export class StringTable {
  /** By index. Only ever grows. */
  readonly list: string[] = [];
  readonly #known = new Map<string, number>();
  #chars = 0;

  /** Long text is cut; beyond the limits all new text shares one index. */
  intern(text: string): number {
    const kept = text.length > MAX_STRING_CHARS ? text.slice(0, MAX_STRING_CHARS) : text;
    const known = this.#known.get(kept);
    if (known !== undefined) return known;
    const full = this.list.length >= MAX_STRINGS - 1 || this.#chars + kept.length > MAX_STRINGS_CHARS;
    if (full && kept !== OVERFLOW_STRING) return this.intern(OVERFLOW_STRING);
    const index = this.list.push(kept) - 1;
    this.#known.set(kept, index);
    this.#chars += kept.length;
    return index;
  }
}
