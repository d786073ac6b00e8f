import { Connection, type ConnectionEvents, type Exchange } from './connection.js';
import { DueQueue } from './due-queue.js';
import { Histogram } from './histogram.js';
import { ERROR_KINDS, type ErrorKind, type LoadEvents, type LoadOptions, type LoadRun, type LoadSummary, STRAGGLER_MS } from './options.js';
import { Pacer } from './pacer.js';
import { seededRandom } from './random.js';
import { compileRequests } from './request-bytes.js';
import { RowBuffer } from './row-buffer.js';

/** Sweeps timeouts, and sends what is due should the pacer be late. */
const TICK_MS = 25;
const FLUSH_MS = 250;
/** Requests that wait for a connection; 1 MB. */
const MAX_BACKLOG = 131_072;
/** Closed arrivals send again at once, but not against a server that refuses them: that would be a busy loop. */
const PAUSE_AFTER_ERROR_MS = 50;
const PACER_START_MS = 2_000;
const LIMITING_LAG_SHARE = 0.1;
/** Below it the lag is the scheduler's usual noise. */
const LIMITING_LAG_US = 1_000;

/** Generates load in this thread; `startLoad` does it in one of its own. Throws DDX_USAGE for requests that cannot be sent. */
export function runLoad(options: LoadOptions, on: LoadEvents): LoadRun {
  const engine = new Engine(options, on);
  void engine.begin();
  return {
    done: engine.done,
    stop: () => {
      engine.drain();
      return engine.done;
    },
  };
}

class Engine implements ConnectionEvents {
  readonly done: Promise<LoadSummary>;
  readonly #options: LoadOptions;
  readonly #on: LoadEvents;
  readonly #open: boolean;
  readonly #timeoutUs: number;
  readonly #random: () => number;
  readonly #choose: ReturnType<typeof compileRequests>;
  readonly #rows: RowBuffer;
  readonly #latency = new Histogram();
  readonly #lag = new Histogram();
  readonly #backlog = new DueQueue(MAX_BACKLOG);
  readonly #connections = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #errors: Partial<Record<ErrorKind, number>> = {};
  readonly #pacer: Pacer | null;
  #resolve: (summary: LoadSummary) => void = () => {};
  #state: 'starting' | 'sending' | 'draining' | 'over' = 'starting';
  #ticker: NodeJS.Timeout | undefined;
  #connecting = 0;
  #maxConnections: number;
  #mostConnections = 0;
  #capReached = false;
  #outstanding = 0;
  #sent = 0;
  #answers = 0;
  #failures = 0;
  #endUs = 0;
  #graceEndUs = 0;
  #flushedUs = 0;

  constructor(options: LoadOptions, on: LoadEvents) {
    const { arrivals } = options;
    this.#options = options;
    this.#on = on;
    this.#open = arrivals.kind === 'open';
    this.#timeoutUs = (options.timeoutMs ?? 30_000) * 1_000;
    this.#maxConnections = arrivals.kind === 'open' ? (options.maxConnections ?? 1_024) : arrivals.connections;
    this.#random = seededRandom(options.seed ?? 1);
    this.#choose = compileRequests(options.requests, options.host, options.port);
    this.#rows = new RowBuffer((rows) => on.rows(rows));
    this.#pacer = arrivals.kind === 'open' ? new Pacer(() => this.#pump()) : null;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  nowUs(): number {
    const time = process.hrtime();
    return time[0] * 1e6 + Math.floor(time[1] / 1e3) - this.#options.originUs;
  }

  async begin(): Promise<void> {
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    if (this.#pacer) await Promise.race([this.#pacer.ready, new Promise((resolve) => setTimeout(resolve, PACER_START_MS).unref())]);
    if (this.#state !== 'starting') return;
    const { arrivals, durationS } = this.#options;
    const startUs = this.nowUs();
    this.#state = 'sending';
    this.#endUs = startUs + durationS * 1e6;
    this.#flushedUs = startUs;
    if (arrivals.kind === 'open') this.#pacer?.begin(this.#poisson(startUs, arrivals.ratePerS));
    else for (let i = 0; i < arrivals.connections; i++) this.#dispatch(startUs);
  }

  /** No further requests; those under way may still be answered. */
  drain(): void {
    if (this.#state === 'draining' || this.#state === 'over') return;
    this.#state = 'draining';
    this.#graceEndUs = this.nowUs() + STRAGGLER_MS * 1_000;
    this.#pacer?.stop();
  }

  connected(connection: Connection): void {
    if (connection.exchange) return;
    this.#connecting--;
    this.#employ(connection);
  }

  answered(connection: Connection, exchange: Exchange, status: number, bytes: number): void {
    this.#answers++;
    const doneUs = this.nowUs();
    this.#latency.record(doneUs - exchange.intendedUs);
    this.#book(exchange, doneUs, status, -1, connection.port, bytes);
    if (connection.state === 'open') this.#employ(connection);
    else {
      this.#forget(connection);
      this.#grow();
    }
    if (!this.#open && this.#state === 'sending') this.#dispatch(this.nowUs());
  }

  failed(connection: Connection, exchange: Exchange | null, kind: ErrorKind): void {
    this.#forget(connection);
    if (exchange && mayRetry(connection, exchange, kind)) {
      exchange.retried = true;
      this.#connect(exchange);
      return;
    }
    if (exchange) this.#fail(exchange, kind, connection.port);
    else if (!connection.wasOpen) this.#notConnected(kind);
    this.#grow();
  }

  #notConnected(kind: ErrorKind): void {
    this.#connecting--;
    if (kind === 'local' && this.#connections.size > 0) {
      this.#maxConnections = this.#connections.size;
      this.#capReached = true;
      return;
    }
    if (this.#backlog.length > 0) this.#fail(this.#draw(this.#backlog.shift()), kind, -1);
  }

  /** Due times from the origin of process.hrtime; the schedule is fixed before the first request, whatever the server does. */
  #poisson(startUs: number, ratePerS: number): () => number {
    const random = seededRandom((this.#options.seed ?? 1) ^ 0x5bd1e995);
    let dueUs = startUs;
    return () => {
      dueUs -= (Math.log(1 - random()) * 1e6) / ratePerS;
      return dueUs < this.#endUs ? dueUs + this.#options.originUs : Number.POSITIVE_INFINITY;
    };
  }

  #pump(): void {
    if (!this.#pacer || this.#state !== 'sending') return;
    const { originUs } = this.#options;
    for (;;) {
      const nowUs = this.nowUs();
      const due = this.#pacer.take(nowUs + originUs);
      if (due < 0) return;
      const intendedUs = Math.floor(due - originUs);
      this.#lag.record(nowUs - intendedUs);
      this.#dispatch(intendedUs);
    }
  }

  #dispatch(intendedUs: number): void {
    this.#outstanding++;
    const connection = this.#idle.pop();
    if (connection) this.#send(connection, this.#draw(intendedUs));
    else if (this.#backlog.push(intendedUs)) this.#grow();
    else this.#fail(this.#draw(intendedUs), 'backlog', -1);
  }

  /** Opens a connection if fewer are being opened than requests wait; whichever connection is free first takes the oldest. */
  #grow(): void {
    if (this.#connecting >= this.#backlog.length || this.#state === 'over') return;
    if (this.#connections.size < this.#maxConnections) this.#connect(null);
    else if (this.#open) this.#capReached = true;
  }

  #connect(first: Exchange | null): void {
    if (!first) this.#connecting++;
    this.#connections.add(new Connection(this.#options.host, this.#options.port, this, first));
    this.#mostConnections = Math.max(this.#mostConnections, this.#connections.size);
  }

  #employ(connection: Connection): void {
    if (this.#backlog.length > 0) this.#send(connection, this.#draw(this.#backlog.shift()));
    else this.#idle.push(connection);
  }

  #send(connection: Connection, exchange: Exchange): void {
    this.#sent++;
    connection.send(exchange);
  }

  #draw(intendedUs: number): Exchange {
    const request = this.#choose(this.#random);
    const bytes = request.bytes(this.#random);
    return { intendedUs, request, bytes, startUs: this.nowUs(), sentUs: -1, firstByteUs: -1, retried: false };
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  #fail(exchange: Exchange, kind: ErrorKind, port: number): void {
    this.#failures++;
    this.#errors[kind] = (this.#errors[kind] ?? 0) + 1;
    const doneUs = this.nowUs();
    if (kind === 'timeout') this.#latency.record(doneUs - exchange.intendedUs);
    exchange.firstByteUs = -1;
    this.#book(exchange, doneUs, 0, ERROR_KINDS.indexOf(kind), port, 0);
    if (!this.#open && this.#state === 'sending') {
      setTimeout(() => {
        if (this.#state === 'sending') this.#dispatch(this.nowUs());
      }, PAUSE_AFTER_ERROR_MS);
    }
  }

  #book(exchange: Exchange, doneUs: number, status: number, error: number, port: number, bytes: number): void {
    this.#outstanding--;
    this.#rows.add(
      exchange.intendedUs,
      exchange.sentUs,
      exchange.firstByteUs,
      doneUs,
      exchange.request.route,
      status,
      error,
      exchange.sentUs < 0 ? -1 : port,
      bytes,
    );
  }

  #tick(): void {
    this.#pump();
    const nowUs = this.nowUs();
    if (this.#state === 'sending' && nowUs >= this.#endUs) this.drain();
    this.#sweep(nowUs - this.#timeoutUs);
    if (this.#state === 'draining' && (this.#outstanding === 0 || nowUs >= this.#graceEndUs)) this.#finish();
    else if (nowUs - this.#flushedUs >= FLUSH_MS * 1_000) {
      this.#flushedUs = nowUs;
      this.#flush();
    }
  }

  /** Gives up whatever began before that moment. */
  #sweep(beforeUs: number): void {
    while (this.#backlog.length > 0 && this.#backlog.peek() <= beforeUs) this.#fail(this.#draw(this.#backlog.shift()), 'timeout', -1);
    for (const connection of [...this.#connections]) {
      if (connection.busySinceUs() <= beforeUs) connection.fail('timeout');
    }
  }

  #finish(): void {
    clearInterval(this.#ticker);
    this.#sweep(Number.POSITIVE_INFINITY);
    this.#state = 'over';
    for (const connection of this.#connections) connection.close();
    this.#connections.clear();
    this.#flush();
    this.#resolve(this.#summary());
  }

  #flush(): void {
    this.#rows.flush();
    this.#on.progress?.({
      sent: this.#sent,
      done: this.#answers,
      errors: this.#failures,
      p50Ms: this.#latency.quantile(0.5) / 1_000,
      p99Ms: this.#latency.quantile(0.99) / 1_000,
      inFlight: this.#outstanding,
    });
  }

  #summary(): LoadSummary {
    const lagP99Us = this.#lag.quantile(0.99);
    return {
      sent: this.#sent,
      done: this.#answers,
      errors: this.#errors,
      lagP50Us: this.#lag.quantile(0.5),
      lagP99Us,
      generatorLimited: lagP99Us > LIMITING_LAG_US && lagP99Us > LIMITING_LAG_SHARE * this.#latency.quantile(0.99),
      connections: this.#mostConnections,
      capReached: this.#capReached,
    };
  }
}

/** A server may close a kept-alive connection at the very moment it is used again; that is nobody's failure, once. */
function mayRetry(connection: Connection, exchange: Exchange, kind: ErrorKind): boolean {
  return (kind === 'closed' || kind === 'reset') && connection.answers > 0 && exchange.firstByteUs < 0 && !exchange.retried;
}
