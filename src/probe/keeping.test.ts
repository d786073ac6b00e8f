import { afterEach, describe, expect, it } from 'vitest';
import type { ProbeSession } from './testing/endpoint.js';
import { startTarget, type Target, until } from './testing/target.js';

let target: Target;
afterEach(() => target.stop());

interface Served {
  startUs: number;
  endUs: number;
  ownUs: number;
  flags: number;
}
interface Span {
  startUs: number;
  endUs: number;
}

const TURNS_INCOMPLETE = 2;

const requestsOf = (session: ProbeSession) => session.rows['requests'] as unknown as Served[];
const spansOf = (session: ProbeSession): Span[] => {
  const merged: Span[] = [];
  for (const row of (session.rows['coverage'] ?? []) as unknown as Span[]) {
    const last = merged.at(-1);
    if (last && row.startUs <= last.endUs) last.endUs = row.endUs;
    else merged.push({ ...row });
  }
  return merged;
};
const within = (spans: Span[], { startUs, endUs }: Span) => spans.some((span) => startUs >= span.startUs && endUs <= span.endUs);

describe('the owner ledger', () => {
  it('is kept all the time where it is cheap', async () => {
    target = await startTarget('plain.mjs');
    await target.session();
    for (let i = 0; i < 30; i++) await target.get('/promise');
    const session = await target.finish();
    expect(spansOf(session)).toHaveLength(1);
    for (const request of requestsOf(session)) {
      expect(request.flags & TURNS_INCOMPLETE).toBe(0);
      expect(within(spansOf(session), request)).toBe(true);
    }
  }, 20_000);

  it('is kept in windows where every promise would cost, and says of each request whether it knows it', async () => {
    target = await startTarget('plain.mjs');
    const open = await target.session();
    let done = false;
    const three = until(() => (spansOf(open).length > 2 ? true : undefined), 'the third window').then(() => {
      done = true;
    });
    const clients = Array.from({ length: 4 }, async () => {
      while (!done) await target.get('/storm');
    });
    await Promise.all([three, ...clients]);
    const session = await target.finish();
    const spans = spansOf(session);
    expect(spans.length).toBeGreaterThan(1);
    const requests = requestsOf(session);
    const known = requests.filter(({ flags }) => (flags & TURNS_INCOMPLETE) === 0);
    expect(known.length).toBeGreaterThan(0);
    expect(known.length).toBeLessThan(requests.length / 2);
    // What is said to be known lies within a window, has its turns, and nothing was recorded outside.
    for (const request of known) expect(request.ownUs).toBeGreaterThan(0);
    expect(known.filter((request) => !within(spans, request))).toEqual([]);
    const unknown = requests.filter(({ flags }) => (flags & TURNS_INCOMPLETE) !== 0);
    for (const { ownUs } of unknown) expect(ownUs).toBe(-1);
    const first = spans[0]!.endUs;
    const second = spans[1]!.startUs;
    const turns = session.rows['turns'] as unknown as { startUs: number; durUs: number; owner: number }[];
    expect(turns.filter(({ startUs, owner }) => owner > 0 && startUs > first + 1000 && startUs < second - 300_000)).toEqual([]);
    // How busy the thread was is known all along.
    const loop = session.rows['loop'] as unknown as { activeUs: number; idleUs: number }[];
    const busy = loop.slice(1, -1).map(({ activeUs, idleUs }) => activeUs / (activeUs + idleUs));
    expect(Math.min(...busy.slice(0, 10))).toBeGreaterThan(0.1);
  }, 20_000);
});

describe('what the probe costs', () => {
  it('is tried out by taking it off and putting it back; afterwards everything is recorded', async () => {
    target = await startTarget('plain.mjs');
    const open = await target.session();
    open.send({ t: 'compare', forMs: 1300 });
    let trying = true;
    const tried = until(() => ((open.rows['trials']?.length ?? 0) >= 12 ? true : undefined), 'twelve stretches').then(() => {
      trying = false;
    });
    while (trying) await target.get('/promise');
    await tried;
    await new Promise((done) => setTimeout(done, 300));
    const before = requestsOf(open).length;
    for (let i = 0; i < 5; i++) await target.get('/waits');
    const session = await target.finish();
    const trials = session.rows['trials'] as unknown as {
      level: number;
      cpuUs: number;
      requests: number;
      startUs: number;
      endUs: number;
    }[];
    expect(trials.map(({ level }) => level)).toEqual([2, 0, 0, 2, 2, 0, 0, 2, 2, 0, 0, 2].slice(0, trials.length));
    for (const { cpuUs, startUs, endUs } of trials) {
      expect(cpuUs).toBeGreaterThan(0);
      expect(cpuUs).toBeLessThan((endUs - startUs) * 1.5 + 10_000);
    }
    expect(trials.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(10);
    const after = requestsOf(session).slice(before);
    expect(after).toHaveLength(5);
    expect(after.map(({ flags }) => flags)).toEqual([0, 0, 0, 0, 0]);
    expect((session.rows['waits'] as { startUs: number }[]).filter(({ startUs }) => startUs >= after[0]!.startUs).length).toBeGreaterThan(
      20,
    );
    expect(session.messages.filter(({ t }) => t === 'profile')).toHaveLength(1);
    expect(target.output()).not.toContain('Warning');
  }, 20_000);
});
