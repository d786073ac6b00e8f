import { onChannel } from './channels.js';
import { hookCalls } from './charge.js';
import type { CpuTime } from './cpu-time.js';
import type { Probe, Source } from './probe.js';
import { guarded } from './state.js';
import { recordTrial, TrialLevel } from './trial.js';

interface Used {
  cpuUs: number;
  requests: number;
}

const STRETCH_MS = 100;
/** After a switch: hooks are taken off a turn later, and V8 has to get used to it. */
const SETTLE_MS = 8;
/** Fewer say nothing. */
const LEAST_REQUESTS = 30;

/**
 * Finds out what the probe costs this very target: takes every source off and puts it back, again and again for `forMs`, and notes what the
 * main thread used meanwhile. For a time that is not judged. Ends with everything on; `stop` ends it at once. `learn` is told what a call of
 * the ledger's hooks costs here, if all that was added went into them: a chain of awaits, hot in every cache, is a good deal cheaper.
 */
export function compareCost(
  probe: Probe,
  sources: readonly Source[],
  cpu: CpuTime | null,
  forMs: number,
  learn: (costPerCallUs: number) => void,
): { stop(): void } {
  let entered = 0;
  let calls = 0;
  const used: Used[] = [
    { cpuUs: 0, requests: 0 },
    { cpuUs: 0, requests: 0 },
  ];
  let on = true;
  let left = cpu ? Math.floor(forMs / (STRETCH_MS + SETTLE_MS)) : 0;
  let timer: NodeJS.Timeout | undefined;
  // The one thing that stays on, so that requests can be counted either way.
  const stopCounting = onChannel('http.server.request.start', () => entered++);

  const turn = (to: boolean) => {
    if (to === on) return;
    on = to;
    // Taken off in the reverse order of putting on.
    for (const source of on ? sources : [...sources].reverse()) (on ? source.resume : source.pause)?.();
  };
  const after = (ms: number, body: () => void) => {
    timer = setTimeout(guarded(body), ms);
    timer.unref();
  };
  const stretch = () => {
    if (left-- <= 0) {
      stop();
      return;
    }
    // In pairs, the first of which is now with and now without: what grows or falls steadily favours neither.
    turn((left & 3) === 0 || (left & 3) === 3);
    after(SETTLE_MS, () => {
      const trial = recordTrial(probe, cpu, on ? TrialLevel.all : TrialLevel.none, () => entered);
      const before = hookCalls();
      after(STRETCH_MS, () => {
        const { cpuUs, requests } = trial!.end();
        const side = used[on ? 1 : 0]!;
        side.cpuUs += cpuUs;
        side.requests += requests;
        calls += hookCalls() - before;
        stretch();
      });
    });
  };
  let over = false;
  const stop = () => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    stopCounting();
    turn(true);
    const [without, having] = used as [Used, Used];
    const addedUs = having.cpuUs - (without.cpuUs / without.requests) * having.requests;
    if (without.requests >= LEAST_REQUESTS && calls > 0) learn(addedUs / calls);
  };
  stretch();
  return { stop };
}
