import { CREATES_POOL, POOL_OPTION_LINES } from '../model/pool-creation.js';
import type { Recording, SourceLocation } from '../model/recording.js';

/**
 * The line that creates a pool of `size`, else the one that says its size; null where the recorded source shows neither. Looked for in
 * the user's files that the pool is asked in (`files`), then in all others.
 */
export function poolCreation(recording: Recording, files: readonly string[], size: number | null): SourceLocation | null {
  const { sources } = recording.documents;
  const asked = sources.filter(({ file }) => files.includes(file));
  return (
    find(asked, size) ??
    find(
      sources.filter(({ file }) => !files.includes(file)),
      size,
      true,
    )
  );
}

interface Snippet {
  file: string;
  firstLine: number;
  lines: string[];
}

/** `sure`: only what shows the size as well. */
function find(snippets: readonly Snippet[], size: number | null, sure = false): SourceLocation | null {
  const lines = snippets.flatMap(({ file, firstLine, lines }) => lines.map((text, i) => ({ file, line: firstLine + i, text, lines, i })));
  const code = lines.filter(({ text }) => !/^\s*(?:\/\/|\*|\/\*)/.test(text));
  const creating = code.filter(({ text }) => CREATES_POOL.test(text));
  const sized = size === null ? [] : creating.filter(({ lines, i }) => saysSize(lines.slice(i, i + POOL_OPTION_LINES).join('\n'), size));
  const named = size === null ? [] : code.filter(({ text }) => saysSize(text, size));
  const only = !sure && creating.length === 1 ? creating : [];
  const [found] = [sized, only, named.length === 1 ? named : []].find((list) => list.length > 0) ?? [];
  return found ? { file: found.file, line: found.line, function: '', source: 'app' } : null;
}

/** "max: 4", "connectionLimit = 4", "new Pool(4". */
function saysSize(text: string, size: number): boolean {
  const named = /(?:max|limit|size|slot|connection|concurren|socket|pool|worker|permit)/i.source;
  return new RegExp(`\\w*${named}\\w*["']?\\s*(?:[:=]|\\?\\?|\\|\\|)\\s*${size}\\b|${named}\\w*\\(\\s*${size}\\b`, 'i').test(text);
}
