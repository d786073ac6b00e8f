/** How a backtracking matcher may behave on an input that does not match. Regular: about one pass. */
export type Backtracking = 'regular' | 'polynomial' | 'exponential';

interface Group {
  /** Something in it may repeat without an end, or be matched in several ways. */
  repeats: boolean;
  alternates: boolean;
}

/**
 * `source`: a pattern without its slashes. A repetition within a repetition, or a choice within one, can be split in exponentially many ways;
 * several repetitions one after the other, or one that may begin anywhere and must reach the end, in polynomially many. What the parts may
 * match is not compared, so this says what a pattern that was seen to be slow is slow by, not that any such pattern is.
 */
export function backtrackingOf(source: string): Backtracking {
  const open: Group[] = [{ repeats: false, alternates: false }];
  let repetitions = 0;
  let exponential = false;
  let closed: Group | null = null;
  for (let i = 0; i < source.length; i++) {
    const char = source[i]!;
    const group = open[open.length - 1]!;
    const unbounded = /^(?:[*+]|\{\d+,\})/.exec(source.slice(i, i + 12));
    if (unbounded && i > 0) {
      repetitions++;
      if (closed && (closed.repeats || closed.alternates)) exponential = true;
      group.repeats = true;
      i += unbounded[0].length - 1;
      closed = null;
      continue;
    }
    closed = null;
    if (char === '\\') i++;
    else if (char === '[') i = endOfClass(source, i);
    else if (char === '(') open.push({ repeats: false, alternates: false });
    else if (char === '|') group.alternates = true;
    else if (char === ')' && open.length > 1) {
      closed = open.pop()!;
      if (closed.repeats) open[open.length - 1]!.repeats = true;
    }
  }
  if (exponential) return 'exponential';
  const anywhere = !source.startsWith('^') && source.endsWith('$');
  return repetitions > 1 || (repetitions === 1 && anywhere) ? 'polynomial' : 'regular';
}

function endOfClass(source: string, from: number): number {
  let i = from + 1;
  while (i < source.length && source[i] !== ']') i += source[i] === '\\' ? 2 : 1;
  return i;
}
