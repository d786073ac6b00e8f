import { backlog } from '../../../src/facts/backlog.js';
import { evidence, percent, when } from '../../../src/facts/evidence.js';
import { keepsComing, lastingIntervals } from '../../../src/facts/lasting.js';
import { requests } from '../../../src/facts/requests.js';
import { window } from '../../../src/facts/window.js';
import { placeWords } from '../../../src/model/place.js';
import type { Rule } from '../../../src/model/rule.js';

/** Fewer are what a program begins once for its own housekeeping. */
const FEWEST = 16;

export const rule: Rule = {
  id: 'memory/timer-leak',
  title: 'Timer leak',
  stage: 'stable',
  mimics: ['memory/heap-leak', 'memory/fd-leak'],
  causes: [],
  // The same leak where its memory is seen as well: that names what is held, too.
  causedBy: ['memory/heap-leak'],
  needs: [window, lastingIntervals, backlog],
  judge(get) {
    const lasting = get(lastingIntervals);
    const { count, quarters, beginner } = lasting;
    const { atEnd } = get(backlog);
    const says = `${count} intervals that were begun in the window still ran at its end (${quarters.join(', ')} by quarter)`;
    const signal = ['running intervals', count, 'timers', FEWEST] as const;
    const absent = (why: string) => ({ is: 'absent' as const, because: evidence(`${says}${why}`, ...signal) });
    if (count < FEWEST) return absent('');
    // A stream of events has its heartbeat, and ends it.
    if (count - atEnd < FEWEST) return absent(`, with ${atEnd} requests under way: one for each`);
    if (!keepsComing(lasting)) return absent(': they do not keep coming');
    const handled = get(requests).length;
    const perS = count / (get(window).durationUs / 1e6);
    const at = beginner?.location;
    const finding = {
      confidence: Math.min(0.97, 0.8 + (beginner ? 0.15 * beginner.share : 0)),
      symptom: 'risk' as const,
      explainedShare: beginner?.share ?? 0.5,
      kind: 'intervals',
      summary: `${perS.toFixed(1)} intervals per second are begun${at ? ` in ${placeWords(at)}` : ''} and never cleared; each runs for ever, with all that its callback mentions.`,
      ...(at ? { location: at } : {}),
      evidence: [
        evidence(says, ...signal),
        ...when(handled, () =>
          evidence(`${(count / handled).toFixed(2)} stay per request (${handled} requests)`, 'intervals per request', count / handled, '1'),
        ),
        ...when(beginner, ({ location, share }) =>
          evidence(`${percent(share)} of them were begun in ${placeWords(location)}`, 'share of one place', share, 'share'),
        ),
      ],
      fixes: [
        {
          says: 'Clear it on every path on which the request ends, or keep one interval for all requests.',
          code: 'const timer = setInterval(beat, 1000);\ntry {\n  ...\n} finally {\n  clearInterval(timer);\n}',
        },
      ],
    };
    return { is: 'present', findings: [finding] };
  },
};
