import type { Finding, Report } from '../model/report.js';
import type { Examination } from './examine.js';

/** Below this many requests percentiles are anecdotes and silence proves nothing. */
export const FEWEST_REQUESTS = 20;

/** A server that leaves this share of its requests behind is not healthy, whatever is known of the reason. */
const UNANSWERED_SHARE = 0.05;

export interface Judgement {
  verdict: Report['verdict'];
  summary: string;
}

/** The one word at the top. Findings count even in short recordings; health needs enough evidence. */
export function judge(
  findings: readonly Finding[],
  examination: Examination,
  requests: number,
  durationS: number,
  unanswered = 0,
): Judgement {
  const roots = findings.filter((finding) => finding.role === 'root-cause');
  if (roots.length > 0) return { verdict: 'sick', summary: roots.map((root) => root.summary).join(' ') };
  if (requests === 0)
    return inconclusive(
      `No request was seen in ${durationS.toFixed(1)} s, so there is nothing to diagnose: send traffic, or let ddx do it with --rate and --path.`,
    );
  if (requests < FEWEST_REQUESTS)
    return inconclusive(
      `Only ${requests} requests were seen; at least ${FEWEST_REQUESTS} are needed to call a server healthy. Record for longer (--for) or send more (--rate).`,
    );
  const [open] = examination.inconclusive.filter(({ rule }) => rule.stage === 'stable');
  if (open) return inconclusive(`${open.rule.title} can be neither shown nor ruled out: ${open.because.says}`);
  if (unanswered >= UNANSWERED_SHARE * requests) {
    return inconclusive(
      `${unanswered} of ${requests} requests were still unanswered when the load ended, and no rule explains what they waited for: the server could not keep up, or something it waits for never answers.`,
    );
  }
  const examined = examination.absent.filter(({ rule }) => rule.stage === 'stable').length;
  if (examined === 0) return inconclusive('No rule had the facts it needs; see what was not examined and how to enable it.');
  const blind = examination.notExamined.filter(({ rule }) => rule.stage === 'stable').length;
  if (blind > examined) {
    return inconclusive(
      `None of the ${examined} illnesses that could be looked for was found, but ${blind} others could not be looked for at all; see what was not examined and how to enable it.`,
    );
  }
  const known = examination.notExamined.length === 0 ? '' : ` ${examination.notExamined.length} more could not be examined.`;
  return { verdict: 'healthy', summary: `None of the ${examined} illnesses looked for was found in ${requests} requests.${known}` };
}

function inconclusive(summary: string): Judgement {
  return { verdict: 'inconclusive', summary };
}
