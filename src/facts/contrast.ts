import { accountOf } from '../ledger/waits.js';
import { ACCOUNT_NAMES } from '../model/account-names.js';
import type { Fact } from '../model/fact.js';
import { ledgerContext } from './ledgers.js';
import { type Request, requests } from './requests.js';
import { ascending, quantile, thin } from './stats.js';

/** The slowest requests beside all others: what is common among the ones and rare among the others. */
export interface Contrast {
  slow: number;
  rest: number;
  /** The slow ones take this long or longer, the others this long at the median. */
  fromMs: number;
  restP50Ms: number;
  /** Largest difference first. Shares of the slow ones and of the others, 0..1. */
  attributes: { is: string; value: string; slowShare: number; restShare: number }[];
}

const SLOW_SHARE = 0.01;
const FEWEST_SLOW = 5;
/** Of the others so many are looked at. */
const MOST_REST = 3_000;
const MOST_SLOW = 1_000;
const MOST_ATTRIBUTES = 8;
/** A smaller difference is the accident of a few requests. */
const LEAST_DIFFERENCE = 0.15;
/** Of the time that makes a request one of the slow ones: what takes less is no reason for anything. */
const WORTH_NAMING_SHARE = 0.1;

export const contrast: Fact<Contrast> = {
  id: 'contrast',
  compute(recording, get) {
    const byWall = [...get(requests)].sort((a, b) => wallUs(b) - wallUs(a));
    const count = Math.max(FEWEST_SLOW, Math.floor(byWall.length * SLOW_SHARE));
    if (byWall.length < 4 * FEWEST_SLOW) return { ok: false, because: 'there were too few requests to compare', enable: 'more load' };
    const slow = thin(byWall.slice(0, count), MOST_SLOW);
    const others = byWall.slice(count);
    const rest = thin(others, MOST_REST);
    const context = get(ledgerContext);
    const leastUs = wallUs(byWall[count - 1]!) * WORTH_NAMING_SHARE;
    const targets = recording.documents.processes.filter(({ role }) => role === 'target').length;
    const attributesOf = (request: Request): Set<string> => {
      const found = new Set([`route\n${request.route}`, `status\n${request.status === 0 ? 'none' : request.status}`]);
      const half = request.server;
      if (!half) return found.add('seen by the server\nnever taken up');
      if (targets > 1) found.add(`process\n${recording.documents.processes[half.proc]!.pid}`);
      if (half.enteredUs - request.startUs > leastUs) found.add('waited before its handler began\nyes');
      for (const wait of [...context.waits.of(half.proc, half.id), ...context.waits.promisesOf(half.proc, half.id)])
        if (wait.endUs - wait.startUs > leastUs) found.add(`waited for ${ACCOUNT_NAMES[accountOf(wait)]}\n${wait.detail || 'yes'}`);
      if (half.ownUs > leastUs) found.add('computed itself\nyes');
      return found;
    };
    const inSlow = counted(slow.map(attributesOf));
    const inRest = counted(rest.map(attributesOf));
    const attributes = [...inSlow]
      .map(([key, found]) => {
        const [is = '', value = ''] = key.split('\n');
        return { is, value, slowShare: found / slow.length, restShare: (inRest.get(key) ?? 0) / rest.length };
      })
      .filter(({ slowShare, restShare }) => slowShare - restShare >= LEAST_DIFFERENCE)
      .sort((a, b) => b.slowShare - b.restShare - (a.slowShare - a.restShare))
      .slice(0, MOST_ATTRIBUTES);
    return {
      ok: true,
      value: {
        slow: count,
        rest: others.length,
        fromMs: wallUs(byWall[count - 1]!) / 1000,
        restP50Ms: quantile(ascending(others.map(wallUs)), 0.5) / 1000,
        attributes,
      },
    };
  },
};

function wallUs({ startUs, endUs }: Request): number {
  return endUs - startUs;
}

function counted(sets: readonly Set<string>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const set of sets) for (const key of set) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
