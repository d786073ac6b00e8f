import type { Exchange } from './channel.js';
import { Histogram } from './histogram.js';
import { ERROR_KINDS, type ErrorKind, type LoadEvents, type LoadOptions } from './options.js';
import { RowBuffer } from './row-buffer.js';
import { Tally } from './tally.js';

const FLUSH_MS = 250;
const TALLY_MS = 1_000;

/** Books what became of each request, in the forms that are asked for: rows, tallies, progress. */
export class Outcomes {
  readonly #on: LoadEvents;
  readonly #rows: RowBuffer | null;
  readonly #tally: Tally | null;
  readonly #tallyUs: number;
  /** Since the start, with the warm-up. */
  readonly latency = new Histogram();
  readonly errors: Partial<Record<ErrorKind, number>> = {};
  done = 0;
  #failures = 0;
  #windowStartUs = 0;
  #flushedUs = 0;
  #interval = 0;
  #inWindow = false;

  constructor({ tallyMs = TALLY_MS }: LoadOptions, on: LoadEvents) {
    this.#on = on;
    this.#rows = on.rows ? new RowBuffer((rows) => on.rows?.(rows)) : null;
    this.#tally = on.tally ? new Tally() : null;
    this.#tallyUs = tallyMs * 1_000;
  }

  begin(startUs: number, windowStartUs: number): void {
    this.#windowStartUs = windowStartUs;
    this.#flushedUs = startUs;
  }

  due(intendedUs: number, nowUs: number): void {
    if (this.#tally && intendedUs >= this.#windowStartUs) this.#tally.due(nowUs - intendedUs);
  }

  /** It is about to be written. */
  sending({ intendedUs, waitedUs }: Exchange): void {
    if (this.#tally && intendedUs >= this.#windowStartUs) this.#tally.sent(waitedUs);
  }

  check(check: number, passed: boolean): void {
    if (this.#inWindow) this.#tally?.check(check, passed);
  }

  /** `isBad`: an error although it was answered. */
  answered(exchange: Exchange, doneUs: number, isBad: boolean): void {
    const latencyUs = doneUs - exchange.intendedUs;
    this.done++;
    this.latency.record(latencyUs);
    if (this.#tally && exchange.intendedUs >= this.#windowStartUs)
      this.#tally.answered(exchange.request.route, latencyUs, exchange.status, exchange.answerBytes, isBad);
    if (this.#rows) this.#book(exchange, doneUs, exchange.status, -1, exchange.answerBytes);
  }

  failed(exchange: Exchange, doneUs: number, kind: ErrorKind): void {
    const latencyUs = doneUs - exchange.intendedUs;
    this.#failures++;
    this.errors[kind] = (this.errors[kind] ?? 0) + 1;
    if (kind === 'timeout') this.latency.record(latencyUs);
    if (this.#tally && exchange.intendedUs >= this.#windowStartUs) this.#tally.failed(exchange.request.route, latencyUs, kind);
    exchange.firstByteUs = -1;
    if (this.#rows) this.#book(exchange, doneUs, 0, ERROR_KINDS.indexOf(kind), 0);
  }

  draining(): void {
    this.#on.phase?.('draining');
  }

  tick(nowUs: number, sent: number, inFlight: number): void {
    if (!this.#inWindow && nowUs >= this.#windowStartUs && this.#flushedUs > 0) {
      this.#inWindow = true;
      this.#on.phase?.('window');
    }
    const interval = Math.floor((nowUs - this.#windowStartUs) / this.#tallyUs);
    if (this.#tally && interval > this.#interval) {
      this.#on.tally?.(this.#tally.take(interval - 1));
      this.#interval = interval;
    }
    if (nowUs - this.#flushedUs < FLUSH_MS * 1_000) return;
    this.#flushedUs = nowUs;
    this.#flush(sent, inFlight);
  }

  end(sent: number, inFlight: number): void {
    if (this.#tally) this.#on.tally?.(this.#tally.take(this.#interval));
    this.#flush(sent, inFlight);
  }

  #book(exchange: Exchange, doneUs: number, status: number, error: number, bytes: number): void {
    const { intendedUs, sentUs, firstByteUs, request, port } = exchange;
    this.#rows?.add(intendedUs, sentUs, firstByteUs, doneUs, request.route, status, error, sentUs < 0 ? -1 : port, bytes);
  }

  #flush(sent: number, inFlight: number): void {
    this.#rows?.flush();
    this.#on.progress?.({
      sent,
      done: this.done,
      errors: this.#failures,
      p50Ms: this.latency.quantile(0.5) / 1_000,
      p99Ms: this.latency.quantile(0.99) / 1_000,
      inFlight,
    });
  }
}
