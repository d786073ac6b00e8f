import { JSON_COPY, type WorkKind } from '../ledger/work-kind.js';
import type { Evidence, Fix } from '../model/rule.js';
import type { BlockGroup } from './blocks.js';
import { evidence, megabytes, when } from './evidence.js';

/** The forms in which one piece of work holds the loop; the kinds of `runtime/event-loop-blocked`, with "saturated" and "stuck". */
export type BlockKind = WorkKind | 'periodic';

interface Words {
  /** Goes on after "Event loop blocked". `name`: what the work is called, where that is known. */
  title(name: string): string;
  /** Goes on after the function: "... for 150 ms at a time". */
  does(name: string): string;
  fixes(name: string): Fix[];
}

const YIELD: Fix = {
  says: 'If it must run here, split it and yield between the parts with setImmediate.',
  code: 'for (let i = 0; i < rows.length; i++) {\n  work(rows[i]);\n  if (i % 100 === 99) await new Promise((resolve) => setImmediate(resolve));\n}',
};
const WITHIN_TIMER: Fix = {
  ...YIELD,
  says: 'Keep the timer and give way within its work: a part of it per turn, or all of it in a worker thread. A longer interval only makes it rarer.',
};

const WORDS: Readonly<Record<WorkKind, Words>> = {
  'sync-cpu': {
    title: (name) => (name === 'sort' ? ' by sorting' : ''),
    does: (name) => (name === 'sort' ? 'sorts' : 'computes'),
    fixes: (name) => [
      name === 'sort'
        ? { says: 'Sort less: keep the list in order as it changes, or take the few that are shown without sorting the rest.' }
        : { says: 'Compute less (index, cache, a better algorithm), or move the work to a worker thread.' },
      YIELD,
    ],
  },
  'sync-json': {
    title: (name) => ` by ${name}`,
    does: (name) => `is in ${name}`,
    fixes: (name) => [COPYING.has(name) ? COPY_LESS : name === 'JSON.parse' ? PARSE_LESS : STRINGIFY_LESS],
  },
  'sync-crypto': {
    title: (name) => ` by ${name}`,
    does: (name) => `is in ${name}, which derives, signs or hashes on this thread,`,
    fixes: (name) => [
      name.endsWith('Sync')
        ? asynchronous(name)
        : { says: 'Hash or encrypt in pieces as the data comes (a stream), or in a worker thread.' },
    ],
  },
  'sync-fs': {
    title: (name) => ` by ${name}`,
    does: (name) => `waits for the file system in ${name}`,
    fixes: (name) => [
      { ...asynchronous(name), code: "import { readFile } from 'node:fs/promises';\nconst text = await readFile(path, 'utf8');" },
      { says: 'What does not change while the process lives: read it once, when it starts.' },
    ],
  },
  'sync-zlib': {
    title: (name) => ` by ${name}`,
    does: (name) => `compresses or unpacks in ${name}`,
    fixes: (name) => [
      { ...asynchronous(name), code: "import { promisify } from 'node:util';\nconst packed = await promisify(gzip)(data);" },
      { says: 'A stream (createGzip) holds no whole copy and begins to answer at once; a result that is asked for again can be kept.' },
    ],
  },
  'sync-child-process': {
    title: (name) => ` by ${name}`,
    does: (name) => `waits for another process in ${name}`,
    fixes: (name) => [
      {
        says: `Start it without waiting on this thread: the asynchronous form of ${name}; better, call a library instead of a program.`,
        code: "import { execFile } from 'node:child_process';\nconst { stdout } = await promisify(execFile)(file, args);",
      },
    ],
  },
  'catastrophic-regex': {
    title: () => ' by a backtracking pattern',
    does: (name) => `tries ways to match /${name}/`,
    fixes: () => [
      {
        says: 'Write the pattern without a repetition inside a repetition and without neighbours that match the same text, so that each character can be matched in one way.',
        code: '// before: /^([a-z0-9]+[-_.]?)+$/   after: /^[a-z0-9]+(?:[-_.][a-z0-9]+)*$/',
      },
      { says: 'Limit the length of what is matched before matching it: the time grows exponentially, or with a power, of it.' },
    ],
  },
  'sync-logging': {
    title: (name) => ` by ${name === 'console' ? 'logging' : name}`,
    does: (name) => `formats and writes log lines with ${name}, which does not return before the file, terminal or pipe has taken them,`,
    fixes: () => [
      { says: 'Log less here: one line per request, built only at a level that is on; not objects of any size.' },
      {
        says: 'Write in the background: a logger that collects lines and writes them asynchronously, or in a worker thread.',
        code: "import { createWriteStream } from 'node:fs';\nconst log = createWriteStream('app.log', { flags: 'a' });\nlog.write(`${line}\\n`);",
      },
    ],
  },
  'module-loading': {
    title: () => ' by loading modules',
    does: () => 'loads and compiles modules',
    fixes: () => [
      { says: 'Import at the top of the file, so that it is done before the server listens, and not by the first who asks.' },
      {
        says: 'If start-up gets too long by that, call the route once before the process reports itself ready; node:module has a compile cache.',
      },
    ],
  },
  'message-copy': {
    title: () => ' by copying messages',
    does: () => 'copies messages for another thread (postMessage clones what it is given)',
    fixes: () => [
      {
        says: 'Hand over instead of copying: an ArrayBuffer in the transfer list, or a SharedArrayBuffer that both see.',
        code: 'worker.postMessage(array, [array.buffer]);',
      },
      { says: 'Send what identifies the data and let the worker load or keep the data itself.' },
    ],
  },
};

const COPYING: ReadonlySet<string> = new Set([JSON_COPY, 'structuredClone', 'v8.serialize', 'v8.deserialize']);
const COPY_LESS: Fix = { says: 'Copy only the part that changes, or do not change what is shared: then nothing need be copied.' };
const PARSE_LESS: Fix = {
  says: 'Parse once and keep the result, ask for less (a page, a filter), or parse in a worker thread that answers with the part that is needed.',
};
const STRINGIFY_LESS: Fix = {
  says: 'Serialise less: a page instead of everything, only the fields that are used; keep the text where it does not change, or stream it row by row.',
};

function asynchronous(name: string): Fix {
  return { says: `Call the asynchronous form of ${name}.` };
}

interface Said {
  kind: BlockKind;
  title: string;
  /** The verb of the summary: "<function> <does> for 150 ms at a time". */
  does: string;
  evidence: Evidence[];
  fixes: Fix[];
}

/** Answers below this take a millisecond or so to write (V8 writes and reads some 100 MB of JSON a second). */
const LARGE_BYTES = 100_000;

/** What a report says of a group of blocks. */
export function wordsFor({ work, everyMs, callee, answerBytes, cleansUp, collectorMs }: BlockGroup): Said {
  const words = WORDS[work.kind];
  const name = work.name ?? callee ?? work.kind;
  const said: Said = {
    kind: work.kind,
    title: `Event loop blocked${words.title(name)}`,
    does: `${words.does(name)}${work.kind === 'sync-cpu' && callee && work.name !== 'sort' ? ` in ${callee}` : ''}`,
    evidence: [
      ...when(everyMs, (ms) => evidence(`they come by themselves every ${ms.toFixed(0)} ms, as a timer's do`, 'period', ms, 'ms')),
      ...when(cleansUp, () =>
        evidence(
          `the collector stopped it for ${collectorMs.toFixed(0)} ms more, most of all collecting`,
          'collecting within',
          collectorMs,
          'ms',
        ),
      ),
      ...when(work.kind === 'sync-json' && answerBytes >= LARGE_BYTES, () =>
        evidence(`its requests are answered with about ${megabytes(answerBytes)}`, 'answer', answerBytes, 'bytes', LARGE_BYTES),
      ),
    ],
    fixes: words.fixes(name),
  };
  if (everyMs === null) return said;
  const often = everyMs >= 1000 ? `${(everyMs / 1000).toFixed(1)} s` : `${everyMs.toFixed(0)} ms`;
  const fixes = [WITHIN_TIMER, ...said.fixes.filter((fix) => fix !== YIELD)];
  return { ...said, kind: 'periodic', title: `${said.title} every ${often}`, fixes };
}
