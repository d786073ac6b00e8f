import { awaitSites } from '../ledger/await-sites.js';
import type { Wait } from '../ledger/waits.js';
import type { Fact } from '../model/fact.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import { AT_ONCE_US as LET_GO_TOGETHER_US } from './hand-offs.js';
import { ledgerContext } from './ledgers.js';
import { loopLine } from './loop-site.js';
import { requests } from './requests.js';
import { callSite, heaviestSite } from './sites.js';
import { ascending, grouped, quantile } from './stats.js';
import { window } from './window.js';

/** Requests of a route that wait for jobs of their own, which somebody else in the process works off: no request, or always the same one. */
export interface Backlog {
  route: string;
  /** Waits that ended in the window, and the median of each quarter of it: empty quarters repeat the one before. */
  jobs: number;
  quartersMs: readonly number[];
  waitP50Ms: number;
  /** Of neighbours by the time they came, those that were let go in that order, 0..1: a queue. */
  inOrderShare: number;
  /** Requests of the route that came, and that were done, per second. */
  arrivalsPerS: number;
  donePerS: number;
  /** The call with whose answers jobs end, and how long one takes, median; null where none was seen. */
  worked: { dest: string; ms: number } | null;
  /** Where the jobs are worked off; null where that was not seen. */
  consumer: SourceLocation | null;
  /** Where a request waits for its job. */
  enqueuedAt: SourceLocation | null;
}

const QUARTERS = 4;
const FEWEST_JOBS = 20;
/** One who works off others' jobs settles many; a request that lets another in settles one. */
const MOST_SETTLERS = 0.1;
/** What follows an answer at once. */
const AT_ONCE_US = 5000;
/** Of the jobs, those that end with an answer of the same call. */
const ENDS_WITH = 0.7;

interface Job {
  proc: number;
  owner: number;
  by: number;
  startUs: number;
  endUs: number;
  site: number;
}
type Call = Wait & { proc: number; owner: number };

/** By route; longest waiting first. */
export const backlogs: Fact<readonly Backlog[]> = {
  id: 'backlogs',
  compute(recording, get) {
    const { startUs, endUs, durationUs } = get(window);
    const { waits: index, routeOf } = get(ledgerContext);
    const { waits, requests: rows } = recording.streams;
    const traced = recording.documents.processes.some((process) => process.features['owners']) || waits.rows > 0;
    if (!traced) return { ok: false, because: 'waits were not recorded', enable: 'record with --depth standard and a Node.js target' };
    const byRoute = grouped(jobsIn(recording, startUs, endUs), ({ proc, owner }) => routeOf(proc, owner));
    const value = [...byRoute].flatMap(([route, jobs]): Backlog[] => {
      if (route === null || jobs.length < FEWEST_JOBS || new Set(jobs.map(({ by }) => by)).size > MOST_SETTLERS * jobs.length) return [];
      const came = get(requests).filter((request) => request.route === route).length;
      let done = 0;
      for (let row = 0; row < rows.rows; row++) {
        if (recording.strings[rows.route[row]!] === route && rows.endUs[row]! > startUs && rows.endUs[row]! <= endUs) done++;
      }
      const perS = 1e6 / durationUs;
      return [
        {
          route,
          ...describe(recording, jobs, startUs, durationUs),
          arrivalsPerS: came * perS,
          donePerS: done * perS,
          ...workOf(recording, jobs, index.all),
        },
      ];
    });
    return { ok: true, value: value.sort((a, b) => b.waitP50Ms * b.jobs - a.waitP50Ms * a.jobs) };
  },
};

/** Waits for promises that somebody settled, in order of their end. */
function jobsIn(recording: Recording, fromUs: number, toUs: number): Job[] {
  const { waits } = recording.streams;
  const siteOf = awaitSites(recording);
  const jobs: Job[] = [];
  for (let row = 0; row < waits.rows; row++) {
    const kind = recording.strings[waits.kind[row]!];
    // -1: nobody settled it, or an older recording, which does not tell.
    if ((kind !== 'promise' && kind !== 'handover') || waits.by[row]! < 0) continue;
    if (waits.endUs[row]! <= fromUs || waits.endUs[row]! > toUs) continue;
    const [proc, owner, by] = [waits.proc[row]!, waits.owner[row]!, waits.by[row]!];
    jobs.push({ proc, owner, by, startUs: waits.startUs[row]!, endUs: waits.endUs[row]!, site: siteOf(row) });
  }
  jobs.sort((a, b) => a.endUs - b.endUs);
  const letGo = new Map<string, Job>();
  for (const job of jobs) {
    // Of several that are let go together each looks like the next one's releaser.
    const releaser = letGo.get(`${job.proc} ${job.by}`);
    if (releaser && job.endUs - releaser.endUs < LET_GO_TOGETHER_US) job.by = releaser.by;
    letGo.set(`${job.proc} ${job.owner}`, job);
  }
  return jobs;
}

const lengthMs = ({ startUs, endUs }: { startUs: number; endUs: number }): number => (endUs - startUs) / 1000;

function describe(
  recording: Recording,
  jobs: readonly Job[],
  startUs: number,
  durationUs: number,
): Pick<Backlog, 'jobs' | 'quartersMs' | 'waitP50Ms' | 'inOrderShare' | 'enqueuedAt'> {
  const quarters = Array.from({ length: QUARTERS }, (): number[] => []);
  for (const job of jobs)
    quarters[Math.min(QUARTERS - 1, Math.floor(((job.endUs - startUs) / durationUs) * QUARTERS))]!.push(lengthMs(job));
  const quartersMs: number[] = [];
  for (const list of quarters) quartersMs.push(list.length > 0 ? quantile(ascending(list), 0.5) : (quartersMs.at(-1) ?? 0));
  const queue = [...jobs].sort((a, b) => a.startUs - b.startUs);
  const inOrder = queue.filter((job, i) => i > 0 && job.endUs >= queue[i - 1]!.endUs).length;
  return {
    jobs: jobs.length,
    quartersMs,
    waitP50Ms: quantile(ascending(jobs.map(lengthMs)), 0.5),
    inOrderShare: inOrder / Math.max(1, jobs.length - 1),
    enqueuedAt: heaviestSite(
      recording,
      jobs,
      ({ site }) => site,
      () => 1,
    ),
  };
}

/** What those who settle the jobs ask others for, one answer for each job. */
function workOf(recording: Recording, jobs: readonly Job[], all: readonly Call[]): Pick<Backlog, 'worked' | 'consumer'> {
  const settlers = new Set(jobs.map(({ proc, by }) => `${proc} ${by}`));
  const bySite = new Map<string, Call[]>();
  for (const call of all) {
    if (!settlers.has(`${call.proc} ${call.owner}`) || call.site < 0 || !callSite(recording, call.site)) continue;
    const list = bySite.get(call.key);
    if (list) list.push(call);
    else bySite.set(call.key, [call]);
  }
  for (const calls of [...bySite.values()].sort((a, b) => b.length - a.length)) {
    const ends = ascending(calls.map(({ endUs }) => endUs));
    const ending = jobs.filter(({ endUs }) => ends.some((us) => us <= endUs && endUs - us < AT_ONCE_US)).length;
    if (ending < ENDS_WITH * jobs.length) continue;
    const { dest, kind, site } = calls[0]!;
    return { worked: { dest: dest || kind, ms: quantile(ascending(calls.map(lengthMs)), 0.5) }, consumer: loopLine(recording, site) };
  }
  return { worked: null, consumer: null };
}
