import { performance } from 'node:perf_hooks';
import { hookCalls, startCharging, stopCharging } from './charge.js';
import type { Owners } from './owners.js';
import { watchPromises } from './wrap.js';

const AWAITS = 200;
/** Enough for V8 to have compiled the hooks: cold they cost five times as much. */
const ROUNDS = 12;

/**
 * What one call of the ledger's hooks costs here, microseconds: a chain of awaits with them and without, the best of some rounds. Takes
 * some fifty turns of the loop, a few milliseconds in all.
 */
export function calibrate(owners: Owners, take: (costPerCallUs: number) => void): void {
  let round = 0;
  let withoutMs = Number.POSITIVE_INFINITY;
  let withMs = Number.POSITIVE_INFINITY;
  let calls = 1;
  let stopPromises: (() => void) | null = null;
  const without = () =>
    time((ms) => {
      withoutMs = Math.min(withoutMs, ms);
      startCharging(null, false);
      owners.start();
      stopPromises = watchPromises();
      later(having);
    });
  const having = () => {
    const before = hookCalls();
    time((ms) => {
      if (ms < withMs) calls = Math.max(1, hookCalls() - before);
      withMs = Math.min(withMs, ms);
      stopPromises?.();
      owners.stop();
      stopCharging();
      if (++round < ROUNDS) later(without);
      else take(Math.max(0, ((withMs - withoutMs) * 1000) / calls));
    });
  };
  without();
}

/** Node takes promise hooks off a turn after it was told to. */
function later(body: () => void): void {
  setImmediate(() => setImmediate(body));
}

function time(take: (ms: number) => void): void {
  const began = performance.now();
  void chain().then(() => take(performance.now() - began));
}

async function chain(): Promise<void> {
  for (let i = 0; i < AWAITS; i++) await null;
}
