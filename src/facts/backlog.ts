import type { Fact } from '../model/fact.js';
import { requests } from './requests.js';
import { window } from './window.js';

/** Requests begun and not yet answered. */
export interface Backlog {
  atStart: number;
  atEnd: number;
  grown: number;
  /** Share of the window for which the oldest of those at the end had been under way, 0..1. */
  oldestShare: number;
}

/** How many requests were under way as the window began and as it ended: what they hold is no leak, it goes when they are answered. */
export const backlog: Fact<Backlog> = {
  id: 'backlog',
  compute(_, get) {
    const { startUs, endUs, durationUs } = get(window);
    // Requests from before the window are not in the population, so its start is read a little later.
    const atStart = underWay(get(requests), startUs + durationUs * 0.05);
    const atEnd = underWay(get(requests), endUs - 1);
    const oldest = get(requests).find((request) => isUnderWay(request, endUs - 1));
    return { ok: true, value: { atStart, atEnd, grown: atEnd - atStart, oldestShare: oldest ? (endUs - oldest.startUs) / durationUs : 0 } };
  },
};

function underWay(list: readonly { startUs: number; endUs: number }[], us: number): number {
  return list.filter((request) => isUnderWay(request, us)).length;
}

function isUnderWay({ startUs, endUs }: { startUs: number; endUs: number }, us: number): boolean {
  return startUs <= us && endUs > us;
}
