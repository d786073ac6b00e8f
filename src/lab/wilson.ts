/** 97.5 % quantile of the normal distribution: two-sided 95 %. */
const Z = 1.959964;

/**
 * Wilson's 95 % score interval for a share of `hits` in `of` trials (Wilson 1927, JASA 22): unlike the textbook one it does not call
 * 8 of 8 "100 % to 100 %". Shares 0..1; [0, 1] of no trials.
 */
export function wilson(hits: number, of: number): [low: number, high: number] {
  if (of === 0) return [0, 1];
  const share = hits / of;
  const z2 = Z * Z;
  const middle = (share + z2 / (2 * of)) / (1 + z2 / of);
  const half = (Z / (1 + z2 / of)) * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of * of));
  // At the ends the formula gives them exactly, up to rounding.
  return [hits === 0 ? 0 : Math.max(0, middle - half), hits === of ? 1 : Math.min(1, middle + half)];
}
