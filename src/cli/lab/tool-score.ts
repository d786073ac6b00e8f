import { type Campaign, type Job, toolRemaining } from '../../lab/campaign.js';
import { truthsOf } from '../../lab/judge.js';
import { materialise } from '../../lab/materialise.js';
import { insistOnPackages } from '../../lab/packages.js';
import type { ToolRun } from '../../lab/score-book.js';
import { askClinic, CLINIC_PACKAGE, CLINIC_VERSION } from '../../lab/tools/clinic.js';
import { askCpuProfile } from '../../lab/tools/cpu-profile.js';
import { toolTable } from './score-text.js';
import { type Sitting, secondsOf } from './sitting.js';
import { PACKAGE_VERSIONS } from './sources.js';

const TOOLS = {
  clinic: { name: `clinic doctor ${CLINIC_VERSION}`, packages: [CLINIC_PACKAGE], ask: askClinic },
  cpuprof: { name: `node --cpu-prof ${process.version}`, packages: [], ask: askCpuProfile },
};

/** `ddx lab score --tool`: the same servers and the same load under another tool, on the Node that runs ddx. */
export async function scoreTool(tool: keyof typeof TOOLS, campaign: Campaign, sitting: Sitting, json: boolean): Promise<number> {
  const { name, packages, ask } = TOOLS[tool];
  const jobs = toolRemaining(campaign, sitting.book, name);
  let done = 0;
  for (const job of jobs) {
    if (sitting.stops(secondsOf(job))) break;
    const startedMs = performance.now();
    const member = materialise(job.scenario, job, `${sitting.workDir}/${tool}`);
    insistOnPackages({ ...member, packages: [...member.packages, ...packages] }, { ...PACKAGE_VERSIONS, [CLINIC_PACKAGE]: CLINIC_VERSION });
    const answer = await ask(member).catch((error: Error) => ({ outcome: 'failed' as const, said: error.message.slice(0, 300) }));
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
    sitting.book.tools.push(
      toolRun(
        name,
        job,
        member.variation,
        truthsOf(member.truth).map(({ rule }) => rule),
        answer,
        seconds,
        sitting,
      ),
    );
    sitting.save();
    done++;
    sitting.say(
      `${String(done).padStart(3)}/${jobs.length} ${answer.outcome.padEnd(12)} ${job.scenario.id} #${job.seed} ${job.sick ? 'sick' : 'well'} | ${answer.said} | ${member.flavour}`,
    );
  }
  const runs = sitting.book.tools.filter((run) => run.tool === name);
  process.stdout.write(
    json
      ? `${JSON.stringify({ schemaVersion: 1, tool: name, runs, left: jobs.length - done }, null, 2)}\n`
      : toolTable(name, runs, jobs.length - done),
  );
  return 0;
}

function toolRun(
  tool: string,
  { scenario, seed, attempt, sick, node }: Job,
  variation: ToolRun['variation'],
  truth: ToolRun['truth'],
  answer: Pick<ToolRun, 'outcome' | 'said'>,
  seconds: number,
  { book, now, machine }: Sitting,
): ToolRun {
  if (!book.machines.includes(machine)) book.machines.push(machine);
  const where = {
    scenario: scenario.id,
    family: now.families[scenario.id] ?? '',
    node: node.version,
    machine: book.machines.indexOf(machine),
  };
  return { tool, ...where, seed, attempt, sick, variation, truth, ...answer, seconds };
}
