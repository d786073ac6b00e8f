import type { Recording, SourceLocation } from '../model/recording.js';

/** From a call upwards, so far is looked for the head of the loop that it stands in. */
const LINES_ABOVE = 40;
const LOOP = /\b(?:for|while)\s*(?:await\s*)?\(|\bdo\s*\{|\.(?:map|flatMap|forEach|reduce|each\w*|mapSeries)\s*\(/;
const FUNCTION = /\bfunction\b|=>\s*\{?\s*$|^\s*(?:public |private |protected |static )*(?:async )?[\w$]+\([^)]*\)[^;]*\{\s*$/;

/**
 * The user's line that makes a call again and again, null where none of the user's is on the stack. After an await a loop goes on by
 * itself: the outermost of the user's frames that really ran is the one with the loop, whatever helpers it calls. Of the first round nobody
 * can tell. Where helpers await something first, the source says which of the awaiting frames stands in a loop.
 */
export function loopLine(recording: Recording, site: number): SourceLocation | null {
  const { frames = [], asyncFrom = frames.length } = recording.documents.sites[site] ?? {};
  const isApp = ({ source }: SourceLocation) => source === 'app';
  const running = frames.slice(0, asyncFrom).findLast(isApp);
  const awaiting = frames.slice(asyncFrom).filter(isApp);
  if (running && inLoop(recording, running) !== false) return running;
  return awaiting.find((frame) => inLoop(recording, frame) === true) ?? running ?? awaiting[0] ?? null;
}

/** By indentation: good enough for code that a formatter has seen. Null where its source is not known as far as its function's head. */
function inLoop(recording: Recording, { file, line }: SourceLocation): boolean | null {
  const snippet = recording.documents.sources.find(
    (one) => one.file === file && line >= one.firstLine && line < one.firstLine + one.lines.length,
  );
  if (!snippet) return null;
  const at = line - snippet.firstLine;
  let indent = Number.POSITIVE_INFINITY;
  for (let i = at; i >= Math.max(0, at - LINES_ABOVE); i--) {
    const text = snippet.lines[i]!;
    const own = text.length - text.trimStart().length;
    if (text.trim() === '' || own >= indent || (/^\s*[})\]]/.test(text) && i !== at)) continue;
    indent = own;
    if (LOOP.test(text)) return true;
    if (FUNCTION.test(text)) return false;
  }
  return null;
}
