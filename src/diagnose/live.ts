import type { LiveState } from '../model/page.js';
import type { Report } from '../model/report.js';
import { createHistory } from './history.js';

/** The figures of the last window under a verdict that several windows agreed on. */
export interface Live {
  report: Report;
  state: LiveState;
}

export interface LiveOptions {
  windowS: number;
  everyS: number;
  /** How far back the charts go. */
  keepS: number;
}

/** One window may be an accident; three in a row, of which each shares most with the next, are not. */
const WINDOWS_NEEDED = 3;
const MOST_SAID = 50;

type Answer = Pick<Report, 'verdict' | 'summary' | 'findings' | 'nursery' | 'ruledOut' | 'notExamined'>;

/**
 * Takes the report of each window and gives what is to be shown: charts of all the time kept, the window's own figures, and a verdict that
 * changes only when WINDOWS_NEEDED windows in a row gave the same answer: the same word and the same root causes.
 */
export function createLive({ windowS, everyS, keepS }: LiveOptions): (latest: Report, ended?: boolean) => Live {
  const history = createHistory(keepS);
  let shown: Answer | null = null;
  let rival: string | null = null;
  let windows = 0;
  let said: LiveState['said'] = [];

  return (latest, ended = false) => {
    const answer = keyOf(latest);
    if (shown !== null && answer === keyOf(shown)) {
      shown = answerOf(latest);
      rival = null;
    } else {
      windows = answer === rival ? windows + 1 : 1;
      rival = answer;
      if (windows >= WINDOWS_NEEDED) {
        shown = answerOf(latest);
        rival = null;
        const epochMs = Math.round(latest.window.startEpochMs + latest.window.durationS * 1000);
        said = [...said, { epochMs, verdict: latest.verdict, summary: latest.summary }].slice(-MOST_SAID);
      }
    }
    const { verdict, summary } = latest;
    const pending = rival === null ? null : { verdict, summary, windows, needed: WINDOWS_NEEDED };
    return {
      report: { ...latest, ...(shown ?? notYet(latest, windows)), series: history(latest) },
      state: { windowS, everyS, pending, said, ended },
    };
  };
}

function keyOf({ verdict, findings }: Answer): string {
  const roots = findings.filter(({ role }) => role === 'root-cause').map(({ rule }) => rule);
  return [verdict, ...new Set(roots.sort())].join('\n');
}

function answerOf({ verdict, summary, findings, nursery, ruledOut, notExamined }: Report): Answer {
  return { verdict, summary, findings, nursery, ruledOut, notExamined };
}

function notYet(latest: Report, windows: number): Answer {
  return {
    ...answerOf(latest),
    verdict: 'inconclusive',
    summary: `No verdict yet: ${windows} of ${WINDOWS_NEEDED} windows say the same.`,
    findings: [],
    nursery: [],
  };
}
