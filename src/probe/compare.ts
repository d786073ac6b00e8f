import { onChannel } from './channels.js';
import { hookCalls } from './charge.js';
import type { CpuTime } from './cpu-time.js';
import type { Keeping } from './keeping.js';
import type { Probe, Source } from './probe.js';
import { guarded } from './state.js';
import { recordTrial, TrialLevel } from './trial.js';

interface Used {
  cpuUs: number;
  requests: number;
  calls: number;
  ms: number;
}

const STRETCH_MS = 100;
/** After a switch: hooks are taken off a turn later, and V8 has to get used to it. */
const SETTLE_MS = 8;
/** Fewer say nothing of what a call of a hook costs. */
const LEAST_REQUESTS = 30;
/** Below so many calls the ledger is cheap whatever a call costs, and the time is better spent on the whole. */
const WORTH_TELLING_CALLS_PER_S = 10_000;

/** Each order there and back: what grows or falls steadily favours none. */
const WHOLE = [TrialLevel.all, TrialLevel.none, TrialLevel.none, TrialLevel.all];
const LEDGER_TOO = [TrialLevel.all, TrialLevel.cheap, TrialLevel.none, TrialLevel.none, TrialLevel.cheap, TrialLevel.all];

/**
 * Finds out what the probe costs this very target: takes every source off and puts it back, again and again for `forMs`, and notes what the
 * main thread used meanwhile; where many promises and callbacks pass, the owner ledger is also taken off alone, and `keeping` told what
 * that saved. For a time that is not judged. Ends with everything on; `stop` ends it at once.
 */
export function compareCost(
  probe: Probe,
  sources: readonly Source[],
  cpu: CpuTime | null,
  forMs: number,
  keeping: Keeping | null,
): { stop(): void } {
  let entered = 0;
  const used = new Map<number, Used>();
  let level: number = TrialLevel.all;
  let left = cpu ? Math.floor(forMs / (STRETCH_MS + SETTLE_MS)) : 0;
  let order: readonly number[] = [];
  let timer: NodeJS.Timeout | undefined;
  // The one thing that stays on, so that requests can be counted either way.
  const stopCounting = onChannel('http.server.request.start', () => entered++);

  const turn = (to: number) => {
    if (to === level) return;
    if (level === TrialLevel.none) for (const source of sources) source.resume?.();
    if (level === TrialLevel.cheap) keeping?.resume();
    if (to === TrialLevel.cheap) keeping?.pause();
    // Taken off in the reverse order of putting on.
    if (to === TrialLevel.none) for (const source of [...sources].reverse()) source.pause?.();
    level = to;
  };
  const after = (ms: number, body: () => void) => {
    timer = setTimeout(guarded(body), ms);
    timer.unref();
  };
  const nextOrder = (): readonly number[] => {
    const all = used.get(TrialLevel.all);
    const callsPerS = all ? (all.calls / all.ms) * 1000 : 0;
    return keeping && callsPerS > WORTH_TELLING_CALLS_PER_S ? LEDGER_TOO : WHOLE;
  };
  const stretch = () => {
    if (left-- <= 0) {
      stop();
      return;
    }
    if (order.length === 0) order = nextOrder();
    turn(order[0]!);
    order = order.slice(1);
    after(SETTLE_MS, () => {
      const trial = recordTrial(probe, cpu, level, () => entered);
      const callsBefore = hookCalls();
      after(STRETCH_MS, () => {
        const { cpuUs, requests } = trial!.end();
        const before = used.get(level) ?? { cpuUs: 0, requests: 0, calls: 0, ms: 0 };
        used.set(level, {
          cpuUs: before.cpuUs + cpuUs,
          requests: before.requests + requests,
          calls: before.calls + hookCalls() - callsBefore,
          ms: before.ms + STRETCH_MS,
        });
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
    turn(TrialLevel.all);
    const [cheap, all] = [used.get(TrialLevel.cheap), used.get(TrialLevel.all)];
    if (!cheap || !all || Math.min(cheap.requests, all.requests) < LEAST_REQUESTS) return;
    keeping?.learn(all.cpuUs - (cheap.cpuUs / cheap.requests) * all.requests, all.calls);
  };
  stretch();
  return { stop };
}
