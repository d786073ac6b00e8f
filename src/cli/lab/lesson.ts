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
import { findings } from '../../report/terminal/findings.js';
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
  const seed = args.get<number>('seed') ?? firstSeed(scenario);
  const seconds = args.given('for') ? args.get<number>('for')! / 1000 : undefined;
  const json = args.given('json');
  const asks = !json && !args.given('no-quiz') && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const paper = paperOf(terminal());
  const say = (lines: readonly string[]) =>
    json ? undefined : process.stdout.write(`${lines.map((line) => line.trimEnd()).join('\n')}\n`);
  const progress = createProgress();
  // By way of exit, which ends what the lab has started.
  process.once('SIGINT', () => process.exit(EXIT.interrupted));
  process.once('SIGTERM', () => process.exit(EXIT.interrupted));
  const run = async (sick: boolean, phase: string) => {
    const result = await watched(scenario, { seed, sick, seconds, phase, progress });
    if (!result.report)
      throw new DdxError(
        'DDX_LAB_RUN_FAILED',
        `The server of ${scenario.id}, seed ${seed}, gave no report: ${result.failure}`,
        `Look into ${result.dir}.`,
      );
    return { ...result, report: result.report };
  };
  try {
    const isIll = !scenario.id.startsWith('healthy/');
    const before = await run(false, isIll ? 'first the healthy server' : 'the server');
    say(opening(before, paper));
    if (!isIll) {
      const guess = asks ? await ask(choicesFor(null, seed), paper) : null;
      say([...answer(guess?.rule, [], paper), '', ...paragraph(paper, `${scenario.title}.`, 2), '', ...said(before.report, paper)]);
      if (json)
        process.stdout.write(`${JSON.stringify({ schemaVersion: 1, scenario: scenario.id, seed, healthy: before.report }, null, 2)}\n`);
      return 0;
    }
    const sick = await run(true, 'now something has changed');
    const healthyColumn: Column = { name: 'healthy', tone: 'good', report: before.report };
    const sickColumn: Column = { name: 'now', tone: 'bad', report: sick.report };
    say([
      `  ${paper.tone('strong', 'Then something was changed')}`,
      '',
      ...latencies([healthyColumn, sickColumn], paper),
      ...ledgers([healthyColumn, sickColumn], paper),
    ]);
    const truths = truthsOf(sick.member.truth).map(({ rule }) => rule);
    const guess = asks && truths.length === 1 ? await ask(choicesFor(truths[0]!, seed), paper) : null;
    say([...answer(guess?.rule, truths, paper), '', ...paragraph(paper, `${scenario.title}.`, 2), '']);
    say([`  ${paper.tone('strong', 'What ddx says')}`, '', ...said(sick.report, paper)]);
    const healed = await run(false, 'healed');
    say([`  ${paper.tone('strong', 'What heals it')}`, '', ...cure(sick.member, healed.member, paper)]);
    const columns: Column[] = [healthyColumn, { ...sickColumn, name: 'sick' }, { name: 'healed', tone: 'good', report: healed.report }];
    say([`  ${paper.tone('strong', 'Healthy, sick, healed')}`, '', ...latencies(columns, paper), ...ledgers(columns, paper)]);
    if (!json) for (const rule of truths) process.stdout.write(renderExplanation(readAsset(`rules/${rule}.md`), terminal()));
    say(closing(scenario, seed, sick, paper));
    if (json) {
      const reports = { healthy: before.report, sick: sick.report, healed: healed.report };
      process.stdout.write(
        `${JSON.stringify({ schemaVersion: 1, scenario: scenario.id, seed, truth: sick.member.truth, outcome: sick.outcome, ...reports }, null, 2)}\n`,
      );
    }
    return 0;
  } finally {
    progress.done();
  }
}

interface Watched {
  seed: number;
  sick: boolean;
  seconds: number | undefined;
  phase: string;
  progress: Progress;
}

async function watched(scenario: Scenario, { seed, sick, seconds, phase, progress }: Watched): Promise<RunResult> {
  const startedMs = performance.now();
  const wantedS = secondsOf({ scenario, seed, sick }, seconds);
  progress.phase(phase);
  const ticking = setInterval(
    () => progress.status(`${((performance.now() - startedMs) / 1000).toFixed(0)} of about ${wantedS.toFixed(0)} s`),
    500,
  );
  try {
    const options = { seed, sick, cli: assetPath('cli.js'), workDir: workDir(), keep: true, versions: PACKAGE_VERSIONS };
    return await runScenario(scenario, seconds === undefined ? options : { ...options, seconds });
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
  const word = right ? paper.tone('good', `${paper.sign.good} Right`) : paper.tone('bad', `${paper.sign.bad} No`);
  return ['', `  ${word}   ${paper.tone('strong', truth)}${ids}`];
}

function said(report: Report, paper: Paper): string[] {
  const all = { ...report, findings: [...report.findings, ...report.nursery] };
  if (all.findings.length > 0) return findings(all, paper);
  return [...paragraph(paper, report.verdict === 'healthy' ? `Healthy: ${report.summary}` : report.summary, 4), ''];
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
