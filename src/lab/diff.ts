import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FileDiff {
  file: string;
  hunks: Hunk[];
}

/** Lines as they follow each other; `line` counts in the old file for ' ' and '-', in the new one for '+'. */
export type Hunk = { sign: ' ' | '-' | '+'; line: number; text: string }[];

const CONTEXT = 2;

/** What has to be changed in one folder's sources to get the other's. What tools made (dist, recordings, reports) is not looked at. */
export function diffFolders(from: string, to: string): FileDiff[] {
  const [before, after] = [sourcesIn(from), sourcesIn(to)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names
    .map((file) => ({ file, hunks: diffLines(before.get(file) ?? [], after.get(file) ?? []) }))
    .filter(({ hunks }) => hunks.length > 0);
}

/** Longest common subsequence; sources of scenarios have some hundred lines. */
export function diffLines(before: readonly string[], after: readonly string[]): Hunk[] {
  const width = after.length + 1;
  const common = new Uint16Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i * width + j] =
        before[i] === after[j] ? common[(i + 1) * width + j + 1]! + 1 : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const all: Hunk = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      all.push({ sign: ' ', line: i + 1, text: before[i]! });
      i++;
      j++;
    } else if (i < before.length && (j === after.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)) {
      all.push({ sign: '-', line: i + 1, text: before[i++]! });
    } else all.push({ sign: '+', line: j + 1, text: after[j++]! });
  }
  return hunksOf(all);
}

/** Changed lines with a few around them; what lies close together is one hunk. */
function hunksOf(all: Hunk): Hunk[] {
  const shown = all.map((_, at) => all.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ sign }) => sign !== ' '));
  const hunks: Hunk[] = [];
  all.forEach((line, at) => {
    if (!shown[at]) return;
    if (shown[at - 1]) hunks.at(-1)!.push(line);
    else hunks.push([line]);
  });
  return hunks;
}

function sourcesIn(dir: string): Map<string, string[]> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|js|mjs|cjs|json|html)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1));
  const written = files.filter(
    (file) => !/^(dist|spool|node_modules)\//.test(file) && !/(^|\/)spool\//.test(file) && file !== 'report.json',
  );
  return new Map(written.map((file) => [file, readFileSync(join(dir, file), 'utf8').split('\n')]));
}
