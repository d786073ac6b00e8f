import type { LiveState } from '../../model/page.js';
import { wordSeconds } from '../../model/wording.js';
import type { Following } from '../live.js';
import { VERDICTS } from './verdict.js';

const MOST_SAID = 6;

/** While somebody watches: that it follows, what it is about to say, what it said before. */
export function LiveBar({ state, frozen, lost, freeze }: { state: LiveState } & Omit<Following, 'data'>) {
  const { windowS, everyS, pending, ended } = state;
  const word = ended ? 'Ended' : lost ? 'No connection' : frozen ? 'Frozen' : 'Live';
  return (
    <aside class={`live ${ended || lost || frozen ? 'still' : ''}`} aria-label="Live">
      <p class="live-head">
        <strong>
          <span class="beat" aria-hidden="true" /> {word}
        </strong>
        <span class="muted">
          the last {wordSeconds(windowS)}, judged every {wordSeconds(everyS)}
        </span>
        {ended ? null : (
          <button type="button" class="quiet" aria-pressed={frozen} onClick={() => freeze(!frozen)}>
            {frozen ? 'Go on' : 'Freeze'} <kbd>space</kbd>
          </button>
        )}
      </p>
      <p class="muted" aria-live="polite">
        {pending ? (
          <>
            {pending.windows} of {pending.needed} windows say {VERDICTS[pending.verdict]?.word.toLowerCase()}: {pending.summary}
          </>
        ) : (
          'A verdict changes when three windows in a row agree.'
        )}
      </p>
      {state.said.length > 1 ? (
        <ol class="said" aria-label="Verdicts so far, newest first">
          {state.said
            .slice(-MOST_SAID)
            .reverse()
            .map(({ epochMs, verdict, summary }) => (
              <li key={epochMs}>
                <time dateTime={new Date(epochMs).toISOString()}>{new Date(epochMs).toTimeString().slice(0, 8)}</time>
                <span class={verdict === 'sick' ? 'bad' : verdict === 'healthy' ? 'good' : ''}>
                  {VERDICTS[verdict]?.sign} {VERDICTS[verdict]?.word}
                </span>
                <span class="muted long">{summary}</span>
              </li>
            ))}
        </ol>
      ) : null}
    </aside>
  );
}
