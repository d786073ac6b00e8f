import { seededRandom } from '../model/random.js';
import { dueTimes } from './arrivals.js';
import type { Channel, ChannelEvents, Exchange } from './channel.js';
import { DueQueue } from './due-queue.js';
import { Histogram } from './histogram.js';
import { type ErrorKind, type LoadEvents, type LoadOptions, type LoadRun, type LoadSummary, STRAGGLER_MS } from './options.js';
import { Outcomes } from './outcomes.js';
import { Pacer } from './pacer.js';
import { type Protocol, protocolOf } from './protocols.js';
import { type CompiledRequest, compileInOrder, compileRequests } from './request-bytes.js';
import { readScenario } from './scenario/read.js';
import { type Next, scenarioUsers } from './scenario/session.js';

/** Sweeps timeouts, and sends what is due should the pacer be late. */
const TICK_MS = 25;
/** Requests that wait for a connection; 1 MB. */
const MAX_BACKLOG = 131_072;
/** Closed arrivals send again at once, but not against a server that refuses them: that would be a busy loop. */
const PAUSE_AFTER_ERROR_MS = 50;
const PACER_START_MS = 2_000;
const SOCKETS_OPEN_US = 3e6;
/** A server may close a kept-alive connection at the very moment it is used again; that is nobody's failure, once. */
const MOST_RETRIES = 1;
/** A server that says again and again that it did not look at a request refuses it. */
const MOST_REFUSALS = 5;
const LIMITING_LAG_SHARE = 0.1;
/** Below it the lag is the scheduler's usual noise. */
const LIMITING_LAG_US = 1_000;

/** Generates load in this thread; `startLoad` does it in threads of its own. Throws DDX_USAGE for requests that cannot be sent. */
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

class Engine implements ChannelEvents {
  readonly done: Promise<LoadSummary>;
  readonly #options: LoadOptions;
  readonly #closed: boolean;
  readonly #timeoutUs: number;
  readonly #random: () => number;
  #choose: (random: () => number) => CompiledRequest;
  readonly #outcomes: Outcomes;
  readonly #lag = new Histogram();
  readonly #backlog = new DueQueue(MAX_BACKLOG);
  readonly #protocol: Protocol;
  readonly #channels = new Set<Channel>();
  /** Users' next requests that wait for a connection. */
  readonly #follows: Exchange[] = [];
  /** Those with room, the one that was used last at the end. */
  readonly #free: Channel[] = [];
  readonly #pacer: Pacer | null;
  #resolve: (summary: LoadSummary) => void = () => {};
  #state: 'starting' | 'sending' | 'draining' | 'over' = 'starting';
  #ticker: NodeJS.Timeout | undefined;
  #connecting = 0;
  #maxConnections: number;
  #mostConnections = 0;
  #capReached = false;
  #overruns = 0;
  #outstanding = 0;
  #sent = 0;
  #endUs = 0;
  #graceEndUs = 0;
  #busyFrom = performance.eventLoopUtilization();

  constructor(options: LoadOptions, on: LoadEvents) {
    const { arrivals, requests } = options;
    this.#options = options;
    this.#closed = arrivals.kind === 'closed';
    this.#timeoutUs = (options.timeoutMs ?? 30_000) * 1_000;
    this.#protocol = protocolOf(options);
    const { encoder, streams } = this.#protocol;
    this.#maxConnections = arrivals.kind === 'closed' ? Math.ceil(arrivals.connections / streams) : (options.maxConnections ?? 1_024);
    this.#random = seededRandom(options.seed ?? 1);
    this.#choose = arrivals.kind === 'trace' ? compileInOrder(requests, options, encoder) : compileRequests(requests, options, encoder);
    this.#outcomes = new Outcomes(options, on);
    this.#pacer = this.#closed ? null : new Pacer(() => this.#pump());
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
    await this.#readScenario();
    if (this.#pacer) await Promise.race([this.#pacer.ready, new Promise((resolve) => setTimeout(resolve, PACER_START_MS).unref())]);
    await this.#openSockets();
    if (this.#state !== 'starting') return;
    const { arrivals, durationS, warmupS = 0, originUs, seed = 1 } = this.#options;
    const startUs = this.nowUs();
    const windowStartUs = startUs + warmupS * 1e6;
    this.#state = 'sending';
    this.#endUs = startUs + durationS * 1e6;
    this.#outcomes.begin(startUs, windowStartUs);
    this.#busyFrom = performance.eventLoopUtilization();
    if (arrivals.kind === 'closed') {
      for (let i = 0; i < arrivals.connections; i++) this.#dispatch(startUs, startUs);
      return;
    }
    const next = dueTimes(arrivals, { startUs, windowStartUs, endUs: this.#endUs }, seed);
    this.#pacer?.begin(() => next() + originUs);
  }

  /** Those who listen must be there before anybody speaks. */
  async #openSockets(): Promise<void> {
    const { broadcast = 0 } = this.#options;
    if (broadcast === 0) return;
    this.#maxConnections = broadcast;
    for (let i = 0; i < broadcast; i++) this.#connect([]);
    const deadlineUs = this.nowUs() + SOCKETS_OPEN_US;
    while (this.#connecting > 0 && this.#state === 'starting' && this.nowUs() < deadlineUs)
      await new Promise((resolve) => setTimeout(resolve, 10));
  }

  async #readScenario(): Promise<void> {
    const { scenario } = this.#options;
    if (scenario === undefined) return;
    const count = (check: number, passed: boolean): void => this.#outcomes.check(check, passed);
    this.#choose = scenarioUsers(await readScenario(scenario), this.#options, this.#protocol.encoder, count);
  }

  /** No further requests; those under way may still be answered. */
  drain(): void {
    if (this.#state === 'draining' || this.#state === 'over') return;
    this.#state = 'draining';
    this.#outcomes.draining();
    this.#graceEndUs = this.nowUs() + (this.#options.graceMs ?? STRAGGLER_MS) * 1_000;
    this.#pacer?.stop();
  }

  opened(channel: Channel): void {
    if (!channel.isReserved) this.#connecting--;
    this.#employ(channel, this.nowUs());
  }

  answered(channel: Channel, exchange: Exchange, doneUs: number): void {
    this.#outstanding--;
    const { session } = exchange.request;
    const step = session?.proceed(exchange, doneUs);
    this.#outcomes.answered(exchange, doneUs, step ? !step.passed : exchange.status >= 400);
    if (channel.room > 0) this.#employ(channel, doneUs);
    if (this.#state !== 'sending') return;
    if (step?.next) this.#goOn(step.next, doneUs);
    else if (this.#closed) this.#dispatch(doneUs, doneUs);
  }

  failed(channel: Channel, exchanges: readonly Exchange[], kind: ErrorKind, unprocessed: boolean): void {
    const again = exchanges.filter((exchange) => mayRetry(channel, exchange, kind, unprocessed));
    for (const exchange of exchanges) if (!again.includes(exchange)) this.#fail(exchange, kind);
    if (channel.room > 0) this.#employ(channel, this.nowUs());
    if (again.length === 0) return;
    for (const exchange of again) exchange.retries++;
    this.#connect(again);
  }

  gone(channel: Channel, kind: ErrorKind): void {
    this.#channels.delete(channel);
    if (channel.isListed) this.#free.splice(this.#free.indexOf(channel), 1);
    if (kind === 'malformed' && channel.wasOpen) this.#overruns++;
    if (!channel.wasOpen && !channel.isReserved) this.#notConnected(kind);
    this.#grow();
  }

  #notConnected(kind: ErrorKind): void {
    this.#connecting--;
    if (kind === 'local' && this.#channels.size > 0) {
      this.#maxConnections = this.#channels.size;
      this.#capReached = true;
      return;
    }
    const waiting = this.#nextWaiting(this.nowUs());
    if (waiting) this.#fail(waiting, kind);
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
      this.#outcomes.due(intendedUs, nowUs);
      this.#dispatch(intendedUs, nowUs);
    }
  }

  #dispatch(intendedUs: number, nowUs: number): void {
    this.#outstanding++;
    const channel = this.#lastFree();
    if (channel) this.#send(channel, this.#draw(intendedUs, nowUs), nowUs);
    else if (this.#backlog.push(intendedUs, nowUs)) this.#grow();
    else this.#fail(this.#draw(intendedUs, nowUs), 'backlog');
  }

  #lastFree(): Channel | undefined {
    for (;;) {
      const channel = this.#free[this.#free.length - 1];
      if (!channel || channel.room > 0) return channel;
      // It lost its room by itself: the server takes no more over it.
      channel.isListed = false;
      this.#free.pop();
    }
  }

  /** A user's next request, due when he has thought. */
  #goOn({ request, afterMs }: Next, nowUs: number): void {
    const send = (dueUs: number): void => {
      if (this.#state !== 'sending') return;
      this.#outstanding++;
      const channel = this.#lastFree();
      const exchange = this.#exchange(request, dueUs, dueUs);
      if (channel) this.#send(channel, exchange, dueUs);
      else {
        this.#follows.push(exchange);
        this.#grow();
      }
    };
    if (afterMs > 0) setTimeout(() => send(this.nowUs()), afterMs).unref();
    else send(nowUs);
  }

  /** Opens a connection if those that are being opened cannot take all that waits; whichever has room first takes the oldest. */
  #grow(): void {
    if (this.#connecting * this.#protocol.streams >= this.#backlog.length + this.#follows.length || this.#state === 'over') return;
    if (this.#channels.size < this.#maxConnections) this.#connect([]);
    else if (!this.#closed) this.#capReached = true;
  }

  #connect(first: readonly Exchange[]): void {
    const channel = new this.#protocol.channel({ ...this.#options, streams: this.#protocol.streams }, this, first);
    if (!channel.isReserved) this.#connecting++;
    this.#channels.add(channel);
    this.#mostConnections = Math.max(this.#mostConnections, this.#channels.size);
  }

  /** Gives a channel that got room what waits. */
  #employ(channel: Channel, nowUs: number): void {
    if (!channel.isListed && channel.room > 0) {
      channel.isListed = true;
      this.#free.push(channel);
    }
    while (channel.room > 0) {
      const exchange = this.#nextWaiting(nowUs);
      if (!exchange) return;
      this.#send(channel, exchange, nowUs);
    }
  }

  /** Over a channel that stands last in the list. */
  #send(channel: Channel, exchange: Exchange, nowUs: number): void {
    if (exchange.sentUs < 0) this.#sent++;
    this.#outcomes.sending(exchange);
    channel.send(exchange, nowUs);
    if (channel.room > 0 || !channel.isListed) return;
    channel.isListed = false;
    if (this.#free.at(-1) === channel) this.#free.pop();
    else this.#free.splice(this.#free.indexOf(channel), 1);
  }

  /** What waits longest for a connection. */
  #nextWaiting(nowUs: number): Exchange | null {
    const [follow] = this.#follows;
    if (follow && follow.intendedUs <= this.#backlog.peek()) {
      this.#follows.shift();
      follow.waitedUs = nowUs - follow.startUs;
      follow.startUs = nowUs;
      return follow;
    }
    return this.#backlog.length > 0 ? this.#drawWaiting(nowUs) : null;
  }

  #drawWaiting(nowUs: number): Exchange {
    const waitedUs = nowUs - this.#backlog.sinceUs();
    return this.#draw(this.#backlog.shift(), nowUs, waitedUs);
  }

  #draw(intendedUs: number, nowUs: number, waitedUs = 0): Exchange {
    return this.#exchange(this.#choose(this.#random), intendedUs, nowUs, waitedUs);
  }

  #exchange(request: CompiledRequest, intendedUs: number, nowUs: number, waitedUs = 0): Exchange {
    const bytes = request.bytes(this.#random);
    return {
      intendedUs,
      waitedUs,
      request,
      bytes,
      startUs: nowUs,
      sentUs: -1,
      firstByteUs: -1,
      retries: 0,
      port: -1,
      status: 0,
      answerBytes: 0,
      answer: null,
    };
  }

  #fail(exchange: Exchange, kind: ErrorKind): void {
    this.#outstanding--;
    this.#outcomes.failed(exchange, this.nowUs(), kind);
    if (!this.#closed || this.#state !== 'sending') return;
    setTimeout(() => {
      if (this.#state !== 'sending') return;
      const nowUs = this.nowUs();
      this.#dispatch(nowUs, nowUs);
    }, PAUSE_AFTER_ERROR_MS);
  }

  #tick(): void {
    this.#pump();
    const nowUs = this.nowUs();
    if (this.#state === 'sending' && nowUs >= this.#endUs) this.drain();
    this.#sweep(nowUs - this.#timeoutUs);
    if (this.#state === 'draining' && (this.#outstanding === 0 || nowUs >= this.#graceEndUs)) this.#finish();
    else this.#outcomes.tick(nowUs, this.#sent, this.#outstanding);
  }

  /** Gives up whatever began before that moment. */
  #sweep(beforeUs: number): void {
    const nowUs = this.nowUs();
    while (this.#backlog.length > 0 && this.#backlog.peek() <= beforeUs) this.#fail(this.#drawWaiting(nowUs), 'timeout');
    while (this.#follows.length > 0 && this.#follows[0]!.startUs <= beforeUs) this.#fail(this.#follows.shift()!, 'timeout');
    for (const channel of [...this.#channels]) channel.sweep(beforeUs);
  }

  #finish(): void {
    clearInterval(this.#ticker);
    this.#sweep(Number.POSITIVE_INFINITY);
    this.#state = 'over';
    for (const channel of this.#channels) channel.close();
    this.#channels.clear();
    this.#outcomes.end(this.#sent, this.#outstanding);
    this.#resolve(this.#summary());
  }

  #summary(): LoadSummary {
    const lagP99Us = this.#lag.quantile(0.99);
    const { done, errors, latency } = this.#outcomes;
    return {
      sent: this.#sent,
      done,
      errors,
      lagP50Us: this.#lag.quantile(0.5),
      lagP99Us,
      generatorLimited: lagP99Us > LIMITING_LAG_US && lagP99Us > LIMITING_LAG_SHARE * latency.quantile(0.99),
      connections: this.#mostConnections,
      capReached: this.#capReached,
      overruns: this.#overruns,
      busyShare: performance.eventLoopUtilization(this.#busyFrom).utilization,
    };
  }
}

function mayRetry(channel: Channel, exchange: Exchange, kind: ErrorKind, unprocessed: boolean): boolean {
  if (unprocessed) return exchange.retries < MOST_REFUSALS;
  return (kind === 'closed' || kind === 'reset') && channel.answers > 0 && exchange.firstByteUs < 0 && exchange.retries < MOST_RETRIES;
}
