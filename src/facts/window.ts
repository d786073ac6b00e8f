import type { Fact } from '../model/fact.js';
import type { SessionDocument } from '../model/recording.js';

export interface Window {
  startUs: number;
  endUs: number;
  durationUs: number;
  session: SessionDocument;
}

/** The part of the recording that is judged: after warm-up, before the stop. */
export const window: Fact<Window> = {
  id: 'window',
  compute(recording) {
    const session = recording.documents.session;
    if (!session) return { ok: false, because: 'the recording ended before it could be completed' };
    const { windowStartUs: startUs, windowEndUs: endUs } = session;
    if (endUs <= startUs) return { ok: false, because: 'the recording ended before the warm-up did', enable: 'record for longer (--for)' };
    return { ok: true, value: { startUs, endUs, durationUs: endUs - startUs, session } };
  },
};
