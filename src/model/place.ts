/**
 * Which part of an accused source line to underline, as indices [start, end). `column` (from 1) is where the position points;
 * one that falls into the middle of a word belongs to another line (profilers know the function's column, not the line's),
 * so all of the line is meant then.
 */
export function accusedPart(line: string, column: number | undefined): [start: number, end: number] {
  const indent = line.length - line.trimStart().length;
  const whole: [number, number] = [indent, Math.max(indent, line.trimEnd().length)];
  if (column === undefined || column - 1 < indent || column - 1 >= line.length) return whole;
  const start = column - 1;
  const name = /^(?:await\s+)?[\p{ID_Continue}$.]+/u.exec(line.slice(start))?.[0];
  const inside = start > 0 && /[\p{ID_Continue}$]/u.test(line[start - 1]!);
  return name && !inside ? [start, start + name.length] : whole;
}

/** "src/orders.ts:31"; only the name where there is no line (another process, a configuration). */
export function placeWords({ file, line }: { file: string; line: number }): string {
  return line > 0 ? `${file}:${line}` : file;
}
