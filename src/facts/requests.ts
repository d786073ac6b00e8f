import { joinPopulation, type Request } from '../ledger/population.js';
import type { Fact } from '../model/fact.js';
import { window } from './window.js';

export { isBooked } from '../ledger/buckets.js';
export type { Request } from '../ledger/population.js';

/** Requests that began in the window, in order of their start; joined from the client's and the server's halves. */
export const requests: Fact<readonly Request[]> = {
  id: 'requests',
  compute(recording, get) {
    const { startUs, endUs } = get(window);
    const value = joinPopulation(recording, startUs, endUs).sort((a, b) => a.startUs - b.startUs);
    return { ok: true, value };
  },
};
