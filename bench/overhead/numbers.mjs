/** 95 % interval of `statistic` over lists of windows, from drawing whole cycles again with replacement. */
export function resampled(cycles, statistic) {
  const draws = 400;
  const values = Array.from({ length: draws }, () => statistic(Array.from({ length: cycles }, () => Math.floor(Math.random() * cycles))));
  values.sort((a, b) => a - b);
  return [values[Math.floor(draws * 0.025)], values[Math.ceil(draws * 0.975) - 1]];
}

export function shuffled(values) {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}
