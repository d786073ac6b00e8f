import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuleId } from '../../model/units.js';
import { truthsOf } from '../judge.js';
import { js } from '../kit/source.js';
import type { Materialised } from '../scenario.js';
import type { ToolRun } from '../score-book.js';
import { underLoad } from './under-load.js';

export const CLINIC_PACKAGE = '@clinic/doctor';
/** The newest; its project says that it is no longer developed. */
export const CLINIC_VERSION = '11.0.0';

/**
 * Clinic Doctor's answer is one category (analysis/issue-category.js). Right is a category whose recommendation leads to the illness:
 * `event-loop` speaks of synchronous work, `gc` of memory, `io` of slow asynchronous operations, in which it counts the thread pool.
 */
const LEADS_TO: Record<string, readonly RuleId[]> = {
  'event-loop': ['runtime/event-loop-blocked'],
  gc: ['memory/gc-pressure', 'memory/heap-leak'],
  io: ['network/slow-downstream', 'threads/pool-starvation'],
};

/** Runs Clinic Doctor as a user would, without its page: collect, then analyse. It must be installed where the scenario finds it. */
export async function askClinic(member: Materialised): Promise<Pick<ToolRun, 'outcome' | 'said'>> {
  const [, ...args] = member.direct;
  writeFileSync(join(member.cwd, 'clinic.cjs'), RUNNER);
  const command = [process.execPath, 'clinic.cjs', process.execPath, ...args];
  const tool = await underLoad(member, { command, env: {}, signal: 'SIGINT', withinMs: 40_000 });
  const category = /^category (\S+)$/m.exec(tool.stdout())?.[1];
  if (!category) return { outcome: 'failed', said: tool.stderr().slice(-300).replaceAll(/\s+/g, ' ') };
  return {
    outcome: clinicOutcome(
      category,
      truthsOf(member.truth).map(({ rule }) => rule),
    ),
    said: category,
  };
}

/** `none`, `data` (too little of it) and `unknown` name no cause. */
export function clinicOutcome(category: string, truth: readonly RuleId[]): ToolRun['outcome'] {
  const leadsTo = LEADS_TO[category];
  if (!leadsTo) return 'silent';
  if (truth.length === 0) return 'false-alarm';
  return truth.some((rule) => leadsTo.includes(rule)) ? 'right' : 'wrong';
}

const RUNNER = js`
  const fs = require('node:fs');
  const { pipeline } = require('node:stream');
  const ClinicDoctor = require('@clinic/doctor');
  const Analysis = require('@clinic/doctor/analysis/index.js');
  const SystemInfoDecoder = require('@clinic/doctor/format/system-info-decoder.js');
  const TraceEventDecoder = require('@clinic/doctor/format/trace-event-decoder.js');
  const ProcessStatDecoder = require('@clinic/doctor/format/process-stat-decoder.js');
  const { getLoggingPaths } = require('@clinic/clinic-common');

  function fail(error) {
    console.error(error);
    process.exit(1);
  }

  new ClinicDoctor({ dest: '.clinic' }).collect(process.argv.slice(2), (error, folder) => {
    if (error) return fail(error);
    const paths = getLoggingPaths('doctor')({ path: folder });
    const decoded = (name, decoder) => pipeline(fs.createReadStream(paths[name]), decoder, (problem) => problem && fail(problem));
    const system = decoded('/systeminfo', new SystemInfoDecoder());
    const trace = decoded('/traceevent', new TraceEventDecoder(system));
    const stat = decoded('/processstat', new ProcessStatDecoder());
    new Analysis(system, trace, stat).on('error', fail).on('data', ({ issueCategory }) => console.log('category ' + issueCategory));
  });
`;
