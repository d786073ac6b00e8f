import { backlog } from '../../../src/facts/backlog.js';
import { evidence, percent, when } from '../../../src/facts/evidence.js';
import { keepsComing, lastingListeners } from '../../../src/facts/lasting.js';
import { requests } from '../../../src/facts/requests.js';
import { window } from '../../../src/facts/window.js';
import { placeWords } from '../../../src/model/place.js';
import type { Rule } from '../../../src/model/rule.js';

/** Fewer are what connections and pools add as they come about. */
const FEWEST = 16;

export const rule: Rule = {
  id: 'memory/listener-leak',
  title: 'Listener leak',
  stage: 'stable',
  mimics: ['memory/heap-leak', 'memory/timer-leak'],
  causes: [],
  // The same leak where its memory is seen as well: that names what is held, too.
  causedBy: ['memory/heap-leak'],
  needs: [window, lastingListeners, backlog],
  judge(get) {
    const lasting = get(lastingListeners);
    const { count, quarters, beginner } = lasting;
    const { atEnd } = get(backlog);
    const says = `emitters that Node warned of gained ${count} listeners (${quarters.join(', ')} by quarter of the window)`;
    const signal = ['listeners gained', count, 'listeners', FEWEST] as const;
    const absent = (why: string) => ({ is: 'absent' as const, because: evidence(`${says}${why}`, ...signal) });
    if (count < FEWEST) return absent('');
    // An open stream listens to what it tells its client, and stops with it.
    if (count - atEnd < FEWEST) return absent(`, with ${atEnd} requests under way: one for each`);
    if (!keepsComing(lasting)) return absent(': they do not keep coming');
    const handled = get(requests).length;
    const perS = count / (get(window).durationUs / 1e6);
    const at = beginner?.location;
    const finding = {
      confidence: Math.min(0.97, 0.8 + (beginner ? 0.15 * beginner.share : 0)),
      symptom: 'risk' as const,
      explainedShare: beginner?.share ?? 0.5,
      summary: `${perS.toFixed(1)} listeners per second are added${at ? ` in ${placeWords(at)}` : ''} and not taken off; every event calls all of them, and each holds what it mentions.`,
      ...(at ? { location: at } : {}),
      evidence: [
        evidence(says, ...signal),
        ...when(handled, () =>
          evidence(`${(count / handled).toFixed(2)} stay per request (${handled} requests)`, 'listeners per request', count / handled, '1'),
        ),
        ...when(beginner, ({ location, share }) =>
          evidence(
            `${percent(share)} of them are on emitters that were filled in ${placeWords(location)}`,
            'share of one place',
            share,
            'share',
          ),
        ),
      ],
      fixes: [
        {
          says: 'Take the listener off when the request ends: `off` in a `finally`, `once`, or an AbortSignal. Raising setMaxListeners only silences the warning.',
          code: "bus.on('changed', onChanged);\ntry {\n  ...\n} finally {\n  bus.off('changed', onChanged);\n}",
        },
      ],
    };
    return { is: 'present', findings: [finding] };
  },
};
