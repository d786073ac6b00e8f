const LARGEST = 2 ** 53;

/** What a column may hold, of any number: rounded, within +-2^53, -1 for NaN. */
export function integer(value: number): number {
  if (Number.isNaN(value)) return -1;
  if (value > LARGEST) return LARGEST;
  if (value < -LARGEST) return -LARGEST;
  // + 0 because a minus zero would not survive the encoding.
  return Math.round(value) + 0;
}
