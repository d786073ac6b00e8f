import type { Recording } from '../model/recording.js';
import { joinPopulation } from './population.js';

/** Answers that one poll returned are handled in the order in which they became ready, and so are requests: each bounds its neighbours. */
export interface PollOrder {
  /** `notBeforeUs` and `readyByUs` of an answer that was handled at `endUs`, as narrow as requests beside it make them. */
  narrow(proc: number, answer: Bounds & { kind: string; startUs: number; endUs: number }): Bounds;
}

interface Bounds {
  notBeforeUs: number;
  readyByUs: number;
}

interface Arrival {
  /** When its client wrote it: on one machine it could be read at once. */
  sentUs: number;
  enteredUs: number;
  /** When the request before it on its connection was entered. */
  beforeUs: number;
}

/**
 * Kinds whose answers are handled as their socket is read. Threads of the pool and workers share one descriptor, timers have none, and Node
 * puts answers of name servers off until the poll's other events are handled.
 */
const OVER_SOCKETS = /^(http|net)$|^(db|cache)\/(connect|execute)$/;

/**
 * Linux appends to the list that epoll_wait hands out when a socket becomes readable, and libuv goes through it in that order. Only our own
 * load tells when a request was written. A socket that the poll before had returned as well stands too far in front (level-triggered ones
 * are put back until they turn out to be empty). So a request on a connection that had one in that turn says nothing, nor does the first
 * one on a connection; and an answer to what was asked in that turn may have come after those behind it.
 */
export function orderInPolls(recording: Recording): PollOrder {
  const byPoll = new Map<string, Arrival[]>();
  if (recording.streams.client.rows > 0) {
    const lastOnPort = new Map<string, number>();
    const { requests } = recording.streams;
    const sent = new Map<string, number>();
    for (const { server, sentUs } of joinPopulation(recording, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)) {
      if (server) sent.set(`${server.proc} ${server.id}`, sentUs);
    }
    const order = Array.from({ length: requests.rows }, (_, row) => row).sort((a, b) => requests.startUs[a]! - requests.startUs[b]!);
    for (const row of order) {
      const proc = requests.proc[row]!;
      const port = `${proc} ${requests.port[row]}`;
      const enteredUs = requests.startUs[row]!;
      const sentUs = sent.get(`${proc} ${requests.id[row]}`);
      const beforeUs = lastOnPort.get(port);
      lastOnPort.set(port, enteredUs);
      if (sentUs === undefined || beforeUs === undefined || requests.polledUs[row]! < 0) continue;
      const key = `${proc} ${requests.polledUs[row]}`;
      const list = byPoll.get(key);
      if (list) list.push({ sentUs, enteredUs, beforeUs });
      else byPoll.set(key, [{ sentUs, enteredUs, beforeUs }]);
    }
  }
  return {
    narrow(proc, { kind, startUs, endUs, notBeforeUs, readyByUs }) {
      const bounds = { notBeforeUs, readyByUs };
      const beside = OVER_SOCKETS.test(kind) ? byPoll.get(`${proc} ${readyByUs}`) : undefined;
      for (const { sentUs, enteredUs, beforeUs } of beside ?? []) {
        if (beforeUs >= notBeforeUs || sentUs < notBeforeUs || sentUs > readyByUs) continue;
        if (enteredUs <= endUs) bounds.notBeforeUs = Math.max(bounds.notBeforeUs, sentUs);
        else if (startUs < notBeforeUs) bounds.readyByUs = Math.min(bounds.readyByUs, sentUs);
      }
      return bounds.notBeforeUs <= bounds.readyByUs ? bounds : { notBeforeUs, readyByUs };
    },
  };
}
