import { once } from 'node:events';
import { createWriteStream, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../model/report.js';
import { GOOD, type Judgement, judgeReport } from './judge.js';
import { materialise } from './materialise.js';
import { insistOnPackages, type PackageVersions } from './packages.js';
import { startProcess } from './processes.js';
import type { Materialised, Scenario } from './scenario.js';
import { openSurroundings } from './surroundings.js';

export interface RunOptions {
  seed: number;
  sick: boolean;
  /** The built command line program, an absolute path. */
  cli: string;
  /** Scenario folders are made in it; it must lie below the node_modules with the frameworks. */
  workDir: string;
  /** Recording time instead of the scenario's own. */
  seconds?: number;
  /** Called with the recording (there is none of a failed run) before the folder is removed. */
  recorded?: (file: string, member: Materialised) => void;
  /** Keep the folder (sources, ddx.stderr, report.json, run.ddx) also of a good run. */
  keep?: boolean;
  /** The program called "node" by the server's command; default: the first one in PATH. */
  node?: string;
  /** Of the packages that scenarios are made of, to tell the user which to install. */
  versions?: PackageVersions;
}

export interface RunResult extends Judgement {
  member: Materialised;
  /** Null when `outcome` is `failed`. */
  report: Report | null;
  /** Why a run failed, else empty. */
  failure: string;
  /** Wall time of `ddx run`, start of the target and warm-up included. */
  seconds: number;
  /** Where everything about this run lies, or null when it was removed. */
  dir: string | null;
}

/** Time that `ddx run` may take beyond warm-up and recording before it is given up. */
const GRACE_MS = 60_000;

/** Runs one member of a family under the real `ddx run --json` and judges what it says. Throws DDX_LAB_PACKAGES_MISSING. */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<RunResult> {
  const { seed, sick } = options;
  const dir = join(options.workDir, `${scenario.id.replace('/', '-')}-${seed}-${sick ? 'sick' : 'healthy'}`);
  const drawn = materialise(scenario, { seed, sick }, dir);
  insistOnPackages(drawn, options.versions ?? {});
  const member = { ...drawn, load: { ...drawn.load, durationS: options.seconds ?? drawn.load.durationS } };
  const startedMs = performance.now();
  const { report, failure } = await runCli(member, options).catch((error: Error) => ({
    report: null,
    failure: error.message.slice(0, 600),
  }));
  const seconds = (performance.now() - startedMs) / 1000;
  options.recorded?.(join(dir, 'run.ddx'), member);
  const judgement: Judgement = report
    ? judgeReport(report, member.truth)
    : { outcome: 'failed', found: [], rightLine: null, said: null, blamed: [], nursery: [] };
  const kept = options.keep || !GOOD.includes(judgement.outcome) || judgement.rightLine === false;
  if (!kept) rmSync(dir, { recursive: true, force: true });
  return { ...judgement, member, report, failure, seconds, dir: kept ? dir : null };
}

/** The command line that a user would type for this member. */
export function runArguments(member: Materialised, out: string, command: readonly string[]): string[] {
  const { ratePerS, warmupS, durationS, paths } = member.load;
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(path, (counts.get(path) ?? 0) + 1);
  const asked = [...counts].flatMap(([path, count]) => ['--path', count > 1 ? `${count}*${path}` : path]);
  const load = ['--rate', `${ratePerS}`, '--warmup', `${warmupS}s`, '--for', `${durationS}s`];
  return ['run', '--json', ...load, ...asked, '--out', out, '--', ...command];
}

async function runCli(member: Materialised, { cli, node }: RunOptions): Promise<{ report: Report | null; failure: string }> {
  const around = await openSurroundings(member, node);
  try {
    const args = runArguments(member, join(member.cwd, 'run.ddx'), around.command);
    const ddx = startProcess([process.execPath, cli, ...args], { cwd: member.cwd, env: around.env });
    ddx.child.stderr?.pipe(createWriteStream(join(member.cwd, 'ddx.stderr')));
    const limitMs = (member.load.warmupS + member.load.durationS) * 1000 + GRACE_MS;
    const late = setTimeout(() => void ddx.stop(), limitMs);
    await once(ddx.child, 'close');
    clearTimeout(late);
    // Whatever ddx left behind must not be the next run's neighbour.
    await ddx.stop();
    writeFileSync(join(member.cwd, 'report.json'), ddx.stdout());
    return parseReport(ddx.stdout(), ddx.stderr(), ddx.child.exitCode);
  } finally {
    await around.close();
  }
}

function parseReport(stdout: string, stderr: string, code: number | null): { report: Report | null; failure: string } {
  try {
    return { report: JSON.parse(stdout) as Report, failure: '' };
  } catch {
    return { report: null, failure: `exit code ${code}, no report; ${stderr.slice(-600)}` };
  }
}
