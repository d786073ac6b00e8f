// How often is the diagnosis right? npm run score -- [--rule area/name]... [--seed N] [--repeat K] [--only sick|healthy] [--out dir] [--save]
// Runs every scenario (or those named), sick and healthy, with K successive seeds from N under the built ddx. Bad runs are kept in --out.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { discoverScenarios } from '../src/lab/discover.js';
import { GOOD } from '../src/lab/judge.js';
import { unmetNeed } from '../src/lab/needs.js';
import { type RunResult, runScenario } from '../src/lab/run.js';
import type { Scenario } from '../src/lab/scenario.js';
import { type RuleScore, type ScoredRun, scoredRun, scoreRules } from '../src/lab/score.js';

const root = resolve(import.meta.dirname, '..');
const scoresFile = resolve(root, 'rules/scores.json');
const { values } = parseArgs({
  options: {
    rule: { type: 'string', multiple: true },
    seed: { type: 'string', default: '0' },
    repeat: { type: 'string', default: '1' },
    only: { type: 'string' },
    out: { type: 'string', default: resolve(root, '.scenarios/score') },
    keep: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
  },
});

const cli = resolve(root, 'dist/cli.js');
if (!existsSync(cli)) fail('dist/cli.js is missing: npm run build');
const scenarios = chosen(await discoverScenarios(resolve(root, 'rules')));
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
const runs: ScoredRun[] = [];
let interrupted = false;
process.once('SIGINT', () => {
  interrupted = true;
  console.log('stopping after this run');
});

const firstSeed = Number(values.seed);
for (let seed = firstSeed; seed < firstSeed + Number(values.repeat); seed++) {
  for (const scenario of scenarios) {
    for (const sick of statesOf(scenario)) {
      if (interrupted) break;
      const result = await runScenario(scenario, { seed, sick, cli, workDir: resolve(values.out), keep: values.keep });
      console.log(lineOf(result));
      runs.push(scoredRun(result, process.version, commit));
      if (values.save) append(runs.at(-1)!);
    }
  }
}
console.log(`\n${tableOf(scoreRules(runs, [...new Set(scenarios.flatMap((scenario) => scenario.rule ?? []))]))}`);
const healthy = runs.filter((run) => run.rule === null);
const silent = healthy.filter((run) => run.outcome === 'silent').length;
console.log(
  `healthy: ${silent} of ${healthy.length} silent, ${healthy.filter((run) => run.outcome === 'false-alarm').length} false alarms`,
);
process.exitCode = runs.every((run) => GOOD.includes(run.outcome)) ? 0 : 1;

function chosen(all: Map<string, Scenario>): Scenario[] {
  for (const id of values.rule ?? []) if (![...all.keys()].some((key) => key.startsWith(id))) fail(`no scenario is called ${id}`);
  const wanted = [...all.values()].filter(({ id }) => !values.rule || values.rule.some((prefix) => id.startsWith(prefix)));
  return wanted.filter((scenario) => {
    const because = unmetNeed(scenario.needs);
    if (because) console.log(`skipped ${scenario.id}: ${because}`);
    return because === null;
  });
}

function statesOf(scenario: Scenario): boolean[] {
  if (scenario.rule === null) return values.only === 'sick' ? [] : [false];
  return [true, false].filter((sick) => !values.only || values.only === (sick ? 'sick' : 'healthy'));
}

function lineOf({ member, outcome, rightLine, said, blamed, nursery, report, seconds, failure, dir }: RunResult): string {
  const name = `${member.scenario.id} #${member.seed} ${member.sick ? 'sick' : 'well'}`;
  const notes = [
    rightLine === false ? `line ${said ?? 'missing'}` : '',
    blamed.length > 0 ? `blamed ${blamed.join(' ')}` : '',
    nursery.length > 0 ? `nursery ${nursery.join(' ')}` : '',
    outcome === 'inconclusive' ? (report?.summary ?? '') : failure.trim(),
    report ? `p50 ${report.requests.p50Ms.toFixed(1)} p99 ${report.requests.p99Ms.toFixed(0)} ms` : '',
    dir ?? '',
  ];
  return [`${outcome.padEnd(12)} ${name.padEnd(46)} ${seconds.toFixed(0)} s  ${member.flavour}`, ...notes.filter(Boolean)].join(' | ');
}

function tableOf(scores: readonly RuleScore[]): string {
  const head = ['rule', 'found', 'missed', 'inconcl.', 'failed', 'right line', 'false alarms', 'also or instead blamed'];
  const rows = scores.map((score) => [
    score.rule,
    `${score.found}/${score.sickRuns}`,
    `${score.missed}`,
    `${score.inconclusive}`,
    `${score.failed}`,
    `${score.rightLine}/${score.linesJudged}`,
    `${score.falseAlarms}/${score.otherRuns}`,
    [...score.blamedElsewhere].map(([rule, times]) => `${rule} ${times}x`).join(', '),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function append(run: ScoredRun): void {
  const saved = existsSync(scoresFile) ? (JSON.parse(readFileSync(scoresFile, 'utf8')) as { runs: ScoredRun[] }) : { runs: [] };
  const lines = [...saved.runs, run].map((entry) => `    ${JSON.stringify(entry)}`);
  writeFileSync(scoresFile, `{\n  "runs": [\n${lines.join(',\n')}\n  ]\n}\n`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
