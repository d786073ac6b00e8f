import { RULES } from '../../../rules/index.js';
import { DdxError } from '../../errors.js';
import { truthsOf } from '../../lab/judge.js';
import { materialise } from '../../lab/materialise.js';
import { unmetNeed } from '../../lab/needs.js';
import { insistOnPackages, missingPackages } from '../../lab/packages.js';
import { type RunResult, runScenario } from '../../lab/run.js';
import type { Materialised, Scenario } from '../../lab/scenario.js';
import type { Report } from '../../model/report.js';
import type { RuleId } from '../../model/units.js';
import { renderExplanation } from '../../report/explain/terminal.js';
import { findings, nursery } from '../../report/terminal/findings.js';
import { type Paper, paperOf, paragraph } from '../../report/terminal/paper.js';
import type { Arguments } from '../arguments.js';
import { assetPath, readAsset } from '../assets.js';
import { EXIT } from '../exit-codes.js';
import { terminal } from '../output.js';
import { createProgress, type Progress } from '../progress.js';
import { scenarioNamed } from './choose.js';
import { type Column, latencies, ledgers } from './compare.js';
import { cure } from './cure.js';
import { ask, choicesFor } from './quiz.js';
import { secondsOf, workDir } from './sitting.js';
import { PACKAGE_VERSIONS } from './sources.js';

/** Seeds looked through for a server whose packages are here. */
const MOST_SEEDS = 200;

/** `ddx lab <rule>`: healthy, sick, a question, the answer, healed. Returns the exit code. */
export async function lesson(args: Arguments, name: string): Promise<number> {
  const scenario = scenarioNamed(name);
  const unmet = unmetNeed(scenario.needs);
  if (unmet) throw new DdxError('DDX_LAB_NEEDS_UNMET', `${scenario.id} can't be shown here: it ${unmet}.`, 'ddx lab list shows what can.');
  const json = args.given('json');
  const progress = createProgress();
  const seed = args.get<number>('seed') ?? firstSeed(scenario);
  const seconds = args.given('for') ? args.get<number>('for')! / 1000 : undefined;
  const stage: Stage = {
    scenario,
    seed,
    paper: paperOf(terminal()),
    asks: !json && !args.given('no-quiz') && process.stdin.isTTY === true && process.stdout.isTTY === true,
    run: (sick, phase) => watched(scenario, { seed, sick, seconds, phase, progress }),
    say: (lines) => (json ? undefined : process.stdout.write(`${lines.map((line) => line.trimEnd()).join('\n')}\n`)),
  };
  // By way of exit, which ends what the lab has started.
  process.once('SIGINT', () => process.exit(EXIT.interrupted));
  process.once('SIGTERM', () => process.exit(EXIT.interrupted));
  try {
    const told = await (scenario.id.startsWith('healthy/') ? wellLesson(stage) : illLesson(stage));
    if (json) process.stdout.write(`${JSON.stringify({ schemaVersion: 1, scenario: scenario.id, seed, ...told }, null, 2)}\n`);
    return 0;
  } finally {
    progress.done();
  }
}

interface Stage {
  scenario: Scenario;
  seed: number;
  paper: Paper;
  /** Whether somebody is there who may guess. */
  asks: boolean;
  run(sick: boolean, phase: string): Promise<RunResult & { report: Report }>;
  say(lines: readonly string[]): void;
}

/** A server that looks ill and is not. Returns what --json tells. */
async function wellLesson({ scenario, seed, paper, asks, run, say }: Stage): Promise<object> {
  const only = await run(false, 'a server');
  const column: Column = { name: 'now', tone: 'good', report: only.report };
  say([...opening(only, paper), ...latencies([column], paper), ...ledgers([column], paper)]);
  const guess = asks ? await ask(choicesFor(null, seed), paper) : null;
  say([...answer(guess?.rule, [], paper), '', ...paragraph(paper, `${scenario.title}.`, 2), '', ...verdictOf(only, paper)]);
  return { healthy: only.report };
}

async function illLesson({ scenario, seed, paper, asks, run, say }: Stage): Promise<object> {
  const strong = (text: string) => `  ${paper.tone('strong', text)}`;
  const before = await run(false, 'first the healthy server');
  say(opening(before, paper));
  const sick = await run(true, 'now something has changed');
  const healthy: Column = { name: 'healthy', tone: 'good', report: before.report };
  const now: Column = { name: 'now', tone: 'bad', report: sick.report };
  say([strong('Then something was changed'), '', ...latencies([healthy, now], paper), ...ledgers([healthy, now], paper)]);
  const truths = truthsOf(sick.member.truth).map(({ rule }) => rule);
  const guess = asks && truths.length === 1 ? await ask(choicesFor(truths[0]!, seed), paper) : null;
  say([...answer(guess?.rule, truths, paper), '', ...paragraph(paper, `${scenario.title}.`, 2), '']);
  say([strong('What ddx says'), '', ...verdictOf(sick, paper)]);
  const healed = await run(false, 'healed');
  say([strong('What heals it'), '', ...cure(sick.member, healed.member, paper)]);
  const columns: Column[] = [healthy, { ...now, name: 'sick' }, { name: 'healed', tone: 'good', report: healed.report }];
  say([strong('Healthy, sick, healed'), '', ...latencies(columns, paper), ...ledgers(columns, paper)]);
  say(truths.map((rule) => renderExplanation(readAsset(`rules/${rule}.md`), terminal())));
  say(closing(scenario, seed, sick, paper));
  return { truth: sick.member.truth, outcome: sick.outcome, healthy: before.report, sick: sick.report, healed: healed.report };
}

interface Watched {
  seed: number;
  sick: boolean;
  seconds: number | undefined;
  phase: string;
  progress: Progress;
}

async function watched(scenario: Scenario, { seed, sick, seconds, phase, progress }: Watched): Promise<RunResult & { report: Report }> {
  const startedMs = performance.now();
  const wantedS = secondsOf({ scenario, seed, sick }, seconds);
  progress.phase(phase);
  const tick = () => progress.status(`${((performance.now() - startedMs) / 1000).toFixed(0)} of about ${wantedS.toFixed(0)} s`);
  const ticking = setInterval(tick, 500);
  try {
    const options = { seed, sick, cli: assetPath('cli.js'), workDir: workDir(), keep: true, versions: PACKAGE_VERSIONS };
    const result = await runScenario(scenario, seconds === undefined ? options : { ...options, seconds });
    if (result.report) return { ...result, report: result.report };
    const what = `The server of ${scenario.id}, seed ${seed}, gave no report: ${result.failure}`;
    throw new DdxError('DDX_LAB_RUN_FAILED', what, `Look into ${result.dir}.`);
  } finally {
    clearInterval(ticking);
    progress.done();
  }
}

/** The first member that can run with the packages that are installed here; throws DDX_LAB_PACKAGES_MISSING where there is none. */
function firstSeed(scenario: Scenario): number {
  const probe = (seed: number): Materialised => materialise(scenario, { seed, sick: true }, `${workDir()}/choosing`);
  for (let seed = 0; seed < MOST_SEEDS; seed++) if (missingPackages(probe(seed)).length === 0) return seed;
  insistOnPackages(probe(0), PACKAGE_VERSIONS);
  return 0;
}

function opening({ member, report }: { member: Materialised; report: Report }, paper: Paper): string[] {
  const { framework, language, noise } = member.variation;
  const words = [
    `${report.routes.length} routes`,
    framework,
    language,
    `asked ${member.load.ratePerS} times a second`,
    ...(noise === 'none' ? [] : [`${noise} beside it`]),
  ];
  return [
    '',
    `  ${paper.tone('strong', 'A backend')}   ${paper.tone('dim', words.join(` ${paper.sign.sep} `))}`,
    `  ${paper.tone('dim', member.cwd)}`,
    '',
  ];
}

/** `guess`: undefined where nobody was asked or answered. */
function answer(guess: RuleId | null | undefined, truths: readonly RuleId[], paper: Paper): string[] {
  const titles = truths.map((rule) => RULES.find(({ id }) => id === rule)?.title ?? rule);
  const truth = titles.length === 0 ? 'Nothing: it is well' : titles.join(' and ');
  const ids = truths.length > 0 ? paper.tone('dim', `   ${truths.join(', ')}`) : '';
  if (guess === undefined) return ['', `  ${paper.tone('strong', 'It is')}   ${paper.tone('warn', truth)}${ids}`];
  const right = truths.length === 0 ? guess === null : guess !== null && truths.includes(guess);
  const word = right ? paper.tone('good', `${paper.sign.good} Right`) : paper.tone('bad', `${paper.sign.bad} No, it is`);
  return ['', `  ${word}   ${paper.tone('strong', truth)}${ids}`];
}

/** Honest where ddx was not right. */
function verdictOf({ report, outcome, member }: RunResult & { report: Report }, paper: Paper): string[] {
  const isTaught = ({ rule }: Report['findings'][number]) => truthsOf(member.truth).some((truth) => truth.rule === rule);
  const told = { ...report, findings: [...report.findings, ...report.nursery.filter(isTaught)] };
  const hints = { ...report, nursery: report.nursery.filter((finding) => !isTaught(finding)) };
  const found = told.findings.length > 0 ? findings(told, paper) : paragraph(paper, report.summary, 4);
  const body = [...found, ...(found.at(-1) === '' ? [] : ['']), ...nursery(hints, paper)];
  const wrong = {
    mixed: 'The lab knows better: one of these is not a cause.',
    wrong: 'The lab knows better: ddx was wrong about this server.',
    missed: 'The lab knows better: ddx did not see it this time. A quieter machine or a longer --for may help.',
    'false-alarm': 'The lab knows better: nothing is wrong with this server.',
  }[outcome as string];
  return [...body, ...(body.at(-1) === '' ? [] : ['']), ...(wrong ? [`    ${paper.tone('warn', wrong)}`, ''] : [])];
}

function closing(scenario: Scenario, seed: number, sick: RunResult, paper: Paper): string[] {
  const name = scenario.id.split('/')[1];
  return [
    '',
    `  ${paper.tone('dim', 'Another server with it:')} ddx lab ${name} --seed ${seed + 1}`,
    `  ${paper.tone('dim', 'The whole report:')}       ddx show ${sick.dir}/run.ddx`,
    '',
  ];
}
