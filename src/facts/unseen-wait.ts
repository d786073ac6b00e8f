import { ENDED_ELSEWHERE } from '../ledger/request.js';
import type { FactReader } from '../model/fact.js';
import type { Entry } from '../model/ledger.js';
import type { Verdict } from '../model/rule.js';
import { evidence, percent } from './evidence.js';
import { explainedBy, ledgers } from './ledgers.js';
import { optional } from './reader.js';
import { threadPressure } from './threads.js';

/** So long, and so much of the typical request, that nobody could name, while no thread of its own worked on it: it waits for somebody. */
const UNNAMED_MS = 250;
const UNNAMED_SHARE = 0.9;
const IDLE_CORES = 0.1;

/** Calls over what is not looked into (a native driver) leave nothing but their time. Null where nothing hints at any. */
export function unseenWait(get: FactReader): Verdict | null {
  const unnamed = ({ account, detail }: Entry) => account === 'unattributed' || (account === 'wait/other' && detail !== ENDED_ELSEWHERE);
  const [most] = explainedBy(get(ledgers), unnamed, ['p50']);
  const pressure = optional(get, threadPressure);
  if (!most || !pressure || most.ms < UNNAMED_MS || most.share < UNNAMED_SHARE) return null;
  const others = pressure.byKind.filter(({ kind }) => kind !== 'main');
  if (others.reduce((sum, { cpuCores, waitingCores }) => sum + cpuCores + waitingCores, 0) > IDLE_CORES) return null;
  const says = `no outgoing call was seen, but ${most.route} waits ${most.ms.toFixed(0)} ms (${percent(most.share)} of its time) for something that is not seen, and no thread of its own works meanwhile`;
  return { is: 'inconclusive', because: evidence(says, 'wait without a name', most.ms, 'ms', UNNAMED_MS) };
}
