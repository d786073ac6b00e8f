import { RULES } from '../../rules/index.js';
import { attach as record } from '../capture/attach.js';
import { createLive, type Live } from '../diagnose/live.js';
import { diagnose } from '../diagnose/report.js';
import { DdxError } from '../errors.js';
import type { Depth } from '../model/options.js';
import type { Recording } from '../model/recording.js';
import { pageJson, renderHtml } from '../report/html.js';
import { showable } from '../report/text.js';
import { findProcess } from '../target/attach/find.js';
import type { Arguments } from './arguments.js';
import { assetPath, readAsset } from './assets.js';
import { watchInterrupts } from './interrupts.js';
import { checkOutputs, deliver } from './output.js';
import { type PageServer, startPageServer } from './page-server.js';
import { createProgress } from './progress.js';
import { statusOf } from './recording-options.js';
import { openInBrowser } from './show-page.js';
import { VERSION } from './version.js';

const DEFAULT_WINDOW_MS = 30_000;
const SHORTEST_WINDOW_MS = 5_000;
const LONGEST_WINDOW_MS = 120_000;
const WARMUP_S = 3;
/** The charts go back five minutes. */
const KEEP_S = 300;
/** Windows overlap by two thirds: what begins shows soon, and three answers in a row are new evidence each. */
const LOOKS_PER_WINDOW = 3;

/** `ddx watch`: a running process judged again and again, shown as a page that follows. Returns the exit code of the last report. */
export async function watch(args: Arguments): Promise<number> {
  const [word] = args.words;
  if (word === undefined || args.words.length > 1 || args.rest.length > 0) {
    throw new DdxError(
      'DDX_USAGE',
      word === undefined ? 'There is no process to watch.' : 'watch takes one process.',
      'Name its pid or its port: ddx watch 1234, or ddx watch :3000',
    );
  }
  const windowMs = windowOf(args);
  checkOutputs(args);
  const { facts, port } = findProcess(word);
  const everyS = windowMs / 1000 / LOOKS_PER_WINDOW;
  const windowS = windowMs / 1000;
  const durationMs = args.get<number>('for');
  const progress = createProgress();
  const interrupts = watchInterrupts(progress);
  const next = createLive({ windowS, everyS, keepS: KEEP_S });
  let now: Live | null = null;
  let server: PageServer | null = null;
  const show = (recording: Recording, ended = false): Live => {
    const before = now?.state.said.length ?? 0;
    now = next(diagnose(recording, RULES), ended);
    server?.push(pageJson(now.report, now.state));
    if (now.state.said.length > before) progress.note(saidLast(now));
    return now;
  };
  const serve = async (): Promise<void> => {
    server = await startPageServer(() => renderHtml(now!.report, readAsset('ui/index.html'), now!.state));
    progress.note(`the live page is at ${server.url} (Ctrl-C ends it)`);
    if (args.given('open')) await openInBrowser(server.url);
  };
  try {
    const options = { warmupS: WARMUP_S, durationS: durationMs === undefined ? null : durationMs / 1000 };
    const recording = await record(
      {
        ...options,
        depth: args.get<Depth>('depth') ?? 'standard',
        blockMs: args.get<number>('block-ms'),
        out: null,
        ddxVersion: VERSION,
        load: null,
        process: facts,
        port: args.get<number>('port') ?? port,
        forceSignal: args.given('force-signal'),
        preload: assetPath('probe/attach.cjs'),
        interrupt: interrupts.signal,
        watching: {
          windowS,
          everyS,
          looked(seen) {
            show(seen);
            if (server === null) void serve();
          },
        },
      },
      {
        phase: (phase) => progress.phase(phase === 'recording' ? 'watching' : phase),
        note: (text) => progress.note(text),
        progress: (seen) => progress.status([...(now ? [now.report.verdict] : []), statusOf(seen, options)].join('  ')),
      },
    );
    const last = show(recording, true);
    progress.done();
    return deliver(last.report, args);
  } finally {
    progress.done();
    interrupts.stop();
    (server as PageServer | null)?.close();
  }
}

function windowOf(args: Arguments): number {
  const ms = args.get<number>('window') ?? DEFAULT_WINDOW_MS;
  if (ms >= SHORTEST_WINDOW_MS && ms <= LONGEST_WINDOW_MS) return Math.round(ms / 500) * 500;
  throw new DdxError(
    'DDX_USAGE',
    `--window ${ms / 1000}s can't be judged.`,
    `--window takes ${SHORTEST_WINDOW_MS / 1000}s to ${LONGEST_WINDOW_MS / 1000}s: long enough for some requests, short enough to see a change soon.`,
  );
}

function saidLast({ state }: Live): string {
  const { epochMs, verdict, summary } = state.said.at(-1)!;
  return `${new Date(epochMs).toTimeString().slice(0, 8)} ${verdict}: ${showable(summary)}`;
}
