import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { RULES } from '../../../rules/index.js';
import { diagnose } from '../../diagnose/report.js';
import { DdxError } from '../../errors.js';
import { type Campaign, named, record, remaining } from '../../lab/campaign.js';
import { GOOD } from '../../lab/judge.js';
import { unmetNeed } from '../../lab/needs.js';
import { nodePrograms } from '../../lab/node-programs.js';
import { judgeAgain } from '../../lab/rejudge.js';
import { runScenario } from '../../lab/run.js';
import type { Scenario } from '../../lab/scenario.js';
import { emptyBook, readBook, type ScoreBook, type SourceHashes, withoutOld, writeBook } from '../../lab/score-book.js';
import { scorecard } from '../../lab/scorecard.js';
import { openShelf, type Shelf } from '../../lab/shelf.js';
import { readRecording } from '../../recording/reader.js';
import type { Arguments } from '../arguments.js';
import { assetPath } from '../assets.js';
import { scenariosBeginning } from './choose.js';
import { runLine, scoreTables } from './score-text.js';
import { bookFile, machineWords, type Sitting, secondsOf, stopper, workDir } from './sitting.js';
import { PACKAGE_VERSIONS, sourceHashes } from './sources.js';
import { scoreTool } from './tool-score.js';

/** `ddx lab score`. Returns 1 where a run did not end as it should have. */
export async function score(args: Arguments): Promise<number> {
  const now = sourceHashes();
  const file = bookFile();
  const saves = args.given('save');
  const shelf = openShelf(join(workDir(), 'recordings'));
  const book = saves ? withoutOld(judgedAgain(earlier(file), now, shelf), now) : emptyBook();
  const campaign = campaignOf(args);
  const sitting: Sitting = {
    book,
    now,
    machine: machineWords(),
    stops: stopper(args.get<number>('within')),
    say: (line: string) => process.stderr.write(`${line}\n`),
    save: () => (saves ? writeBook(file, book) : undefined),
    workDir: workDir(),
  };
  if (args.given('tool')) return scoreTool(args.get<'clinic' | 'cpuprof'>('tool')!, campaign, sitting, args.given('json'));

  sitting.save();
  const jobs = remaining(campaign, book, now);
  sitting.say(`${jobs.length} runs to do, ${book.runs.length} known`);
  if (jobs.length > 0) warnOfCompany(sitting.say);
  let done = 0;
  for (const job of jobs) {
    if (sitting.stops(secondsOf(job))) break;
    const result = await runScenario(job.scenario, {
      seed: job.seed,
      sick: job.sick,
      cli: assetPath('cli.js'),
      workDir: sitting.workDir,
      node: job.node.path,
      versions: PACKAGE_VERSIONS,
      recorded: (recording, { truth }) => saves && shelf.put(named(job, now), recording, truth),
      ...(args.given('for') ? { seconds: args.get<number>('for')! / 1000 } : {}),
    });
    record(book, now, sitting.machine, job, result);
    sitting.save();
    done++;
    sitting.say(`${String(done).padStart(3)}/${jobs.length} ${runLine(result)}`);
  }
  const card = scorecard(
    book,
    now,
    RULES.map(({ id }) => id),
  );
  process.stdout.write(
    args.given('json') ? `${JSON.stringify({ ...card, left: jobs.length - done }, null, 2)}\n` : scoreTables(card, jobs.length - done),
  );
  return book.runs.every(({ outcome }) => GOOD.includes(outcome)) ? 0 : 1;
}

function judgedAgain(book: ScoreBook, now: SourceHashes, shelf: Shelf): ScoreBook {
  const count = judgeAgain(book, now, shelf, (recording) => diagnose(readRecording(recording), RULES));
  if (count > 0) process.stderr.write(`${count} recorded runs judged again by the rules as they are now\n`);
  return book;
}

/** Scores want a quiet machine; a busy one makes ddx rightly unsure. */
function warnOfCompany(say: Sitting['say']): void {
  const [lastMinute = 0] = loadavg();
  if (lastMinute < availableParallelism() / 2) return;
  say(`note: this machine is busy with something else (load average ${lastMinute.toFixed(1)}); many runs will be inconclusive`);
}

function campaignOf(args: Arguments): Campaign {
  return {
    scenarios: runnable(scenariosBeginning(args.all<string>('rule'))),
    firstSeed: args.get<number>('seed') ?? 0,
    repeat: args.get<number>('repeat') ?? 1,
    same: args.given('same'),
    only: args.get<'sick' | 'healthy'>('only') ?? null,
    nodes: nodePrograms(args.get<string>('node')),
  };
}

function runnable(scenarios: readonly Scenario[]): Scenario[] {
  return scenarios.filter(({ id, needs }) => {
    const because = unmetNeed(needs);
    if (because) process.stderr.write(`left out ${id}: ${because}\n`);
    return because === null;
  });
}

function earlier(file: string): ScoreBook {
  try {
    return readBook(file);
  } catch (error) {
    throw new DdxError(
      'DDX_LAB_SCORES_UNREADABLE',
      `${file}: ${(error as Error).message}`,
      'Mend it or move it away; a new one is begun then.',
    );
  }
}
