import { startCollecting } from '../collect/collect.js';
import type { LoadSummary } from '../load/load.js';
import type { Documents, Recording, SessionDocument } from '../model/recording.js';
import type { Serving } from '../target/serving.js';
import { type EndingOf, ending } from './ending.js';
import { nowUs, recordingHeader } from './header.js';
import { watchListenDrops } from './listen-drops.js';
import { createLocator, type Locator } from './locations.js';
import { startLooking } from './looking.js';
import type { CaptureEvents, LoadProgress, RecordOptions, Watched } from './options.js';
import { startOurLoad } from './our-load.js';
import type { Peers } from './peers.js';
import { registerProcesses } from './register.js';
import { type SessionEnd, sessionDocument } from './session.js';
import { collectSources } from './sources.js';
import { startRollingTape, startTape, type Tape } from './tape.js';

/** How long a probe may take to hand over its profiles; a loop that is blocked for good never answers. */
const FINISH_MS = 8_000;
const SAVE_EVERY_MS = 5_000;
const COUNT_EVERY_MS = 1_000;
/** What the probe then takes stops the target briefly: before the window, so that no judged request feels it. */
const MARK_AHEAD_MS = 500;
/** The probe tries out what it costs in the warm-up: not while the target is quite cold, and not until the last moment. */
const COMPARE_AFTER_MS = 300;
const COMPARE_AHEAD_MS = 750;
const COMPARE_LEAST_MS = 700;
/** How long a probe may take to say what it saw; one whose loop is blocked is looked at without. */
const LOOK_MS = 1_500;
/** Windows begin and end at steps of the charts. */
const LOOK_STEP_US = 500_000;
/** Requests of a window may have begun before it. */
const MARGIN_US = 15e6;

export interface Scene {
  originUs: number;
  peers: Peers;
  /** Private folder for the time of the recording. */
  folder: string;
  target: Watched;
  /** Where it serves; null: unknown, then no load of ours is possible. */
  served: Serving | null;
  /** Brings the probes in, once everything outside is being watched. */
  admit(stage: Stage): Promise<Admission>;
}

/** What the parts of a session share while it lasts. */
export interface Stage {
  tape: Tape;
  documents: Documents;
  locator: Locator;
  procOf(pid: number): number;
  sinceStart(): number;
}

export interface Admission {
  /** Why no probe records; null where one does. */
  probeAbsent: string | null;
  /** All that can be seen has been seen: the recording is judged as it is. */
  over: boolean;
}

/** The recording itself, from the first look to the file, whoever started the target. */
export async function record(options: RecordOptions, on: CaptureEvents, scene: Scene): Promise<Recording> {
  const { ddxVersion, command, cwd, depth, out } = options;
  const { originUs, peers, target, served } = scene;
  const header = recordingHeader({ ddxVersion, originUs, command, cwd, depth, pid: target.pid, port: served?.port ?? null });
  const sinceStart = (): number => Math.round(nowUs() - originUs);
  const { watching } = options;
  const heldUs = watching ? watching.windowS * 1e6 + MARGIN_US : Number.POSITIVE_INFINITY;
  const tape = watching
    ? startRollingTape(header, heldUs, sinceStart)
    : startTape(out, scene.folder, header, (error) => on.note(`${error.message} What was recorded until now is kept.`));
  const documents: Documents = { processes: [], sites: [], profiles: [], heapProfiles: [], sources: [], spawns: [] };
  const locator = createLocator(cwd, options.preload);
  const procOf = registerProcesses(documents, sinceStart, heldUs);
  const collecting = startCollecting({ pid: target.pid, originUs, procOf, strings: tape.intern, emit: tape.append });
  const lookedFromUs = sinceStart();
  const { probeAbsent, over } = await scene.admit({ tape, documents, locator, procOf, sinceStart });

  const beganUs = over ? lookedFromUs : sinceStart();
  const warmupS = over ? 0 : options.warmupS;
  const warmUs = beganUs + warmupS * 1e6;
  const session = (ended: SessionEnd): SessionDocument => {
    const fromUs = watching ? Math.max(warmUs, ended.endUs - watching.windowS * 1e6) : warmUs;
    return sessionDocument({ options, target, collecting, probes: peers.recording(), probeAbsent, beganUs, warmUs: fromUs }, ended);
  };
  const look = async (): Promise<number> => {
    const endUs = Math.floor(sinceStart() / LOOK_STEP_US) * LOOK_STEP_US;
    const seen: Documents = { ...documents, profiles: documents.profiles.map(() => null), spawns: [] };
    if (documents.blocks) seen.blocks = documents.blocks.filter((block) => block.endUs >= endUs - heldUs);
    await peers.look(seen, LOOK_MS, endUs - heldUs);
    const beganMs = performance.now();
    seen.session = session({ end: 'duration', endUs, intakes: [], dropped: tape.dropped(), summary: null });
    seen.sources = collectSources(seen, locator.linesOf, locator.ownFiles());
    watching?.looked(tape.end(seen));
    return performance.now() - beganMs;
  };
  const save = (): void => {
    const soFar = session({ end: 'interrupted', endUs: sinceStart(), intakes: [], dropped: tape.dropped(), summary: null });
    tape.save({ ...documents, session: soFar });
  };
  const saving = watching ? null : setInterval(save, SAVE_EVERY_MS);
  const progress = (seen: LoadProgress): void => on.progress({ ...seen, ...peers.loop() });
  const run = served && options.load && !over ? startOurLoad(options, { ...on, progress }, served, originUs, tape) : null;
  const counting = run ? null : setInterval(() => progress(countedSince(beganUs, sinceStart(), peers)), COUNT_EVERY_MS);
  on.phase(warmupS > 0 ? 'warming up' : 'recording');
  const warm = warmupS > 0 ? setTimeout(() => on.phase('recording'), warmupS * 1000) : null;
  const marking = setTimeout(() => peers.mark(), Math.max(0, warmupS * 1000 - MARK_AHEAD_MS));
  const drops = served && !over ? watchListenDrops(served.port, served.pid ?? target.pid, warmupS * 1000) : null;
  const compareMs = warmupS * 1000 - COMPARE_AFTER_MS - COMPARE_AHEAD_MS;
  const comparing = compareMs >= COMPARE_LEAST_MS ? setTimeout(() => peers.compare(compareMs), COMPARE_AFTER_MS) : null;
  const looking = watching && !over ? startLooking(warmupS * 1000, watching.everyS * 1000, look) : null;
  const ended = over ? ('duration' as const) : ending(endingOf(options, on, target, run));
  const end = await (looking ? Promise.race([ended, looking.broken]) : ended);
  await looking?.stop();
  for (const timer of [saving, counting, warm, comparing, marking]) clearTimeout(timer ?? undefined);

  const endUs = end === 'duration' && options.durationS !== null && !over ? warmUs + options.durationS * 1e6 : sinceStart();
  on.phase('finishing');
  const queue = await drops?.finish();
  if (queue) documents.listenQueue = queue;
  const summary = run ? await run.stop().catch(() => null) : null;
  if (end === 'target-exit') await target.drained();
  const intakes = await peers.finish(documents, FINISH_MS);
  collecting.stop();
  if (summary) warnOf(summary, on);
  documents.session = session({ end, endUs, intakes, dropped: tape.dropped(), summary });
  documents.sources = collectSources(documents, locator.linesOf, locator.ownFiles());
  return tape.end(documents);
}

function endingOf(options: RecordOptions, on: CaptureEvents, target: Watched, run: EndingOf['run']): EndingOf {
  const withinMs = options.durationS === null ? null : (options.warmupS + options.durationS) * 1000;
  return { target, run, interrupt: options.interrupt, withinMs, loadFailed: (reason) => on.note(`${reason} The recording ends here.`) };
}

function countedSince(beganUs: number, untilUs: number, peers: Peers): LoadProgress {
  return { elapsedS: (untilUs - beganUs) / 1e6, ...peers.seen() };
}

function warnOf(summary: LoadSummary, on: CaptureEvents): void {
  if (summary.generatorLimited) on.note('the load generator itself was at its limit: latencies contain its delay');
  if (summary.capReached)
    on.note(
      `all ${summary.connections} connections were in use at times: later requests waited for one, and that wait is in their latency`,
    );
}
