import { expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { orderInPolls } from './poll-order.js';

const STRINGS = ['GET /a'];

/** Two connections, each with a request long ago and one whose read the poll at 40 ms returned, written at 20 and at 30 ms. */
function polls({ secondBeforeMs = 2 } = {}) {
  const requests: [port: number, sentMs: number, enteredMs: number, polledMs: number][] = [
    [4001, 1, 1, 1],
    [4002, secondBeforeMs, secondBeforeMs, secondBeforeMs],
    [4001, 20, 41, 40],
    [4002, 30, 43, 40],
  ];
  const us = (ms: number) => ms * 1000;
  const recording = buildRecording({
    strings: STRINGS,
    rows: {
      requests: requests.map(([port, , enteredMs, polledMs], i) => {
        return [0, i + 1, us(enteredMs), us(enteredMs) + 500, 0, 200, 1, port, 0, 0, us(polledMs), -1];
      }),
      client: requests.map(([port, sentMs, enteredMs]) => [
        us(sentMs),
        us(sentMs),
        us(enteredMs),
        us(enteredMs) + 600,
        0,
        200,
        -1,
        port,
        1,
      ]),
    },
  });
  return orderInPolls(recording);
}

/** Handled at 42 ms, between the two; the poll before was at 10 ms. */
const answer = { kind: 'http', startUs: 5000, endUs: 42_000, notBeforeUs: 10_000, readyByUs: 40_000 };

it('an answer came after the request that was handled before it, and before the one that was handled after it', () => {
  expect(polls().narrow(0, answer)).toEqual({ notBeforeUs: 20_000, readyByUs: 30_000 });
});

it('an answer on a socket that was read in the turn before may stand too far in front', () => {
  expect(polls().narrow(0, { ...answer, startUs: 12_000 })).toEqual({ notBeforeUs: 20_000, readyByUs: 40_000 });
});

it('a connection that was read in the turn before says nothing', () => {
  expect(polls({ secondBeforeMs: 11 }).narrow(0, answer)).toEqual({ notBeforeUs: 20_000, readyByUs: 40_000 });
});

it('tells nothing of timers and of the thread pool, nor of another poll', () => {
  for (const other of [{ kind: 'timer' }, { kind: 'pool/fs' }, { kind: 'worker' }, { kind: 'dns' }, { readyByUs: 39_000 }]) {
    const asked = { ...answer, ...other };
    expect(polls().narrow(0, asked)).toEqual({ notBeforeUs: asked.notBeforeUs, readyByUs: asked.readyByUs });
  }
});
