export interface Span {
  readonly startUs: number;
  readonly endUs: number;
}

export function sumUs(spans: readonly Span[]): number {
  return spans.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
}

/** Time that at least one of them covers. */
export function unionUs(spans: readonly Span[]): number {
  let sum = 0;
  let untilUs = Number.NEGATIVE_INFINITY;
  for (const { startUs, endUs } of [...spans].sort((a, b) => a.startUs - b.startUs)) {
    sum += Math.max(0, endUs - Math.max(startUs, untilUs));
    untilUs = Math.max(untilUs, endUs);
  }
  return sum;
}
