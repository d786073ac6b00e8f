import { readFileSync } from 'node:fs';

/** Rows of a .csv with a head line, or of a .json with an array of objects. Throws what is wrong. */
export function readRows(path: string): Record<string, string>[] {
  const text = readFileSync(path, 'utf8');
  const rows = path.endsWith('.json') ? fromJson(text) : fromCsv(text);
  if (rows.length === 0) throw new Error('it has no rows');
  return rows;
}

function fromJson(text: string): Record<string, string>[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) throw new Error('it is no array');
  return value.map((row) =>
    Object.fromEntries(
      Object.entries(row as object).map(([key, item]) => [key, typeof item === 'object' ? JSON.stringify(item) : String(item)]),
    ),
  );
}

/** RFC 4180: quoted fields may hold commas, line breaks and doubled quotes. */
function fromCsv(text: string): Record<string, string>[] {
  const lines: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    lines.at(-1)!.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '') break;
    if (end !== ',') lines.push([]);
  }
  const [head = [], ...rest] = lines.filter((line) => line.length > 1 || line[0] !== '');
  return rest.map((line) => Object.fromEntries(head.map((name, i) => [name.trim(), line[i] ?? ''])));
}
