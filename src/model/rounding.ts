/**
 * Rounds amounts to `decimals` places so that the rounded parts add up to the rounded total in the reader's view
 * (largest remainder). Returns integers in units of 10^-decimals. Negative or non-finite parts count as 0; when the
 * parts do not reach the total (or exceed it), they are scaled to it.
 */
export function roundToSum(parts: readonly number[], total: number, decimals: number): { parts: number[]; total: number } {
  const unit = 10 ** decimals;
  const goal = Number.isFinite(total) && total > 0 ? Math.round(total * unit) : 0;
  const clean = parts.map((part) => (Number.isFinite(part) && part > 0 ? part : 0));
  const sum = clean.reduce((a, b) => a + b, 0);
  if (sum === 0 || goal === 0) return { parts: clean.map(() => 0), total: sum === 0 ? 0 : goal };
  const exact = clean.map((part) => (part / sum) * goal);
  const rounded = exact.map(Math.floor);
  const missing = goal - rounded.reduce((a, b) => a + b, 0);
  const byRemainder = exact
    .map((value, i) => ({ i, remainder: value - rounded[i]! }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  for (let k = 0; k < missing; k++) rounded[byRemainder[k % byRemainder.length]!.i]!++;
  return { parts: rounded, total: goal };
}

/** How many decimals of a millisecond are worth showing for a sum of this size. */
export function decimalsFor(totalMs: number): number {
  if (totalMs >= 100) return 0;
  if (totalMs >= 10) return 1;
  if (totalMs >= 1) return 2;
  return 3;
}
