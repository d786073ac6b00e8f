/** Nearest-rank quantile of ascending values; 0 for none. `q`: 0..1. */
export function quantile(ascending: ArrayLike<number>, q: number): number {
  if (ascending.length === 0) return 0;
  return ascending[Math.min(ascending.length - 1, Math.max(0, Math.ceil(q * ascending.length) - 1))]!;
}

export function ascending(values: Iterable<number>): Float64Array {
  return Float64Array.from(values).sort();
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Theil-Sen slope: the median slope of all pairs; a fifth of the points may be wild without moving it. 0 for fewer than two points. */
export function medianSlope(points: readonly (readonly [x: number, y: number])[]): number {
  const thinned = thin(points, 300);
  const slopes: number[] = [];
  for (let i = 0; i < thinned.length; i++) {
    for (let j = i + 1; j < thinned.length; j++) {
      const dx = thinned[j]![0] - thinned[i]![0];
      if (dx > 0) slopes.push((thinned[j]![1] - thinned[i]![1]) / dx);
    }
  }
  return quantile(ascending(slopes), 0.5);
}

/** Every n-th element, so that at most `most` remain. */
export function thin<T>(values: readonly T[], most: number): T[] {
  if (values.length <= most) return [...values];
  const step = values.length / most;
  return Array.from({ length: most }, (_, i) => values[Math.floor(i * step)]!);
}
