import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { perhapsWatch } from './awaits.js';
import { onChannel } from './channels.js';
import { current, disown, lookAtPoll, type Owner, settle } from './charge.js';
import { nowUs } from './clock.js';
import { noteClosed, noteIncoming } from './incoming.js';
import { lostCount, requestBegan, requestEnded } from './kept.js';
import { listenOnce } from './listen.js';
import type { Owners } from './owners.js';
import { polledUs } from './poll-phase.js';
import type { Probe } from './probe.js';
import { recordHttp2 } from './requests-http2.js';
import { watchResponseEnds } from './response-ends.js';
import { createRouteNamer } from './route.js';
import { guarded } from './state.js';
import { createTag } from './tag.js';
import { endAwaits } from './waits.js';

/** A request in the works, also the owner that its main-thread time is booked to. */
export interface RequestOwner extends Owner {
  readonly startUs: number;
  /** When the loop read the batch that it came in; -1 = not known. */
  readonly polledUs: number;
  /** When its handler ended the response; -1 until then, and where nobody tells. */
  answeredUs: number;
  /** What its connection is to it: RequestFlag bits. */
  flags: number;
  /** Its body: since when only its client was waited for, when all of it had come (-1: none, or not yet), and whether the stream is full. */
  bodyFromUs: number;
  bodyUs: number;
  bodyFull: boolean;
  /** HTTP/1 only. Let go when it ended. */
  event: ServerEvent | null;
  readonly method: string;
  readonly url: string;
  /** A router's own pattern, where one told it while the request ran. */
  pattern: string | null;
  /** Koa's context: its router writes the pattern there. */
  context: { _matchedRoute?: unknown } | null;
}

/** A class: objects of a literal whose numbers become fractions are moved to another shape one by one, each time (V8's deprecated maps). */
class Served implements RequestOwner {
  readonly id: number;
  readonly startUs: number;
  readonly polledUs: number;
  readonly method: string;
  readonly url: string;
  ownUs = 0;
  leftUs: number;
  endUs = -1;
  answeredUs = -1;
  flags = 0;
  bodyFromUs = -1;
  bodyUs = -1;
  bodyFull = false;
  halfAnswered: Owner['halfAnswered'] = null;
  heardUs = -1;
  openWaits = 0;
  awaits: Owner['awaits'] = null;
  event: ServerEvent | null = null;
  pattern: string | null = null;
  context: RequestOwner['context'] = null;

  constructor(id: number, startUs: number, polledAtUs: number, method: string, url: string) {
    this.id = id;
    this.startUs = startUs;
    this.polledUs = polledAtUs;
    this.method = method;
    this.url = url;
    this.leftUs = startUs;
  }
}

/** What is known of one client connection; kept-alive ones carry many requests. */
interface Connection {
  readonly port: number;
  /** Which subscription saw it last: what came on it in between is unknown. */
  epoch: number;
  bytesBefore: number;
  /** The newest request, ended or not. */
  last: RequestOwner | null;
  /** Older ones that have not ended: only with pipelining. */
  older: RequestOwner[] | null;
}

interface ServerEvent {
  request: IncomingMessage;
  response: ServerResponse;
  socket: Socket;
}

/** As in model/recording RequestFlag. */
const ABORTED = 1;
const TURNS_INCOMPLETE = 2;
const FIRST = 4;
const UNKEPT = 8;
const CLOSED = 16;
/** Writes the rows, whatever the protocol. */
export interface RequestLog {
  /** From here on the thread works for a new request. */
  begin(method: string, url: string): RequestOwner;
  /** `bytes`, `port`: -1 = not known. */
  end(owner: RequestOwner, outcome: { status: number; bytes: number; port: number; flags: number }): void;
}

export interface Requests {
  /** The request's owner, of HTTP/1 until it has ended. */
  ownerOf(request: IncomingMessage): RequestOwner | undefined;
  /** As if it were not there; what comes meanwhile is never heard of. */
  pause(): void;
  resume(): void;
  stop(): void;
}

/** Writes one row per HTTP request, and makes each request the owner of what it sets off. `owners` is null where nobody keeps the ledger. */
export function recordRequests(probe: Probe, owners: Owners | null): Requests {
  const log = requestLog(probe, owners);
  const http1 = recordHttp1(log, owners !== null);
  const http2 = recordHttp2(log, owners);
  return {
    ownerOf(request) {
      const { stream } = request as { stream?: object };
      return stream && http2 ? http2.ownerOf(stream) : http1.ownerOf(request);
    },
    // The few servers that speak HTTP/2 go on meanwhile.
    pause: () => http1.pause(),
    resume: () => http1.resume(),
    stop() {
      http1.stop();
      http2?.stop();
    },
  };
}

function requestLog(probe: Probe, owners: Owners | null): RequestLog {
  const namer = createRouteNamer(probe.names.text);
  let nextId = 0;

  const routeOf = (owner: RequestOwner): number => {
    const pattern = owner.pattern ?? koaPattern(owner) ?? (owner.event && expressPattern(owner.event.request));
    return pattern === null ? namer.fromUrl(owner.method, owner.url) : namer.fromPattern(owner.method, pattern);
  };

  return {
    begin(method, url) {
      const startUs = nowUs();
      if (owners) lookAtPoll(startUs);
      const owner = new Served(++nextId, startUs, owners ? Math.min(polledUs, startUs) : -1, method, url);
      requestBegan();
      owners?.begin(owner);
      if (owners) perhapsWatch(owner);
      return owner;
    },
    end(owner, { status, bytes, port, flags }) {
      owner.endUs = owners ? settle() : nowUs();
      if (owner.halfAnswered !== null) for (const wait of owner.halfAnswered) wait.settleEarly();
      const { turns } = probe;
      const complete = requestEnded(owner.startUs, owner.endUs) && turns !== null && turns.droppedUntilUs < owner.startUs;
      const row = probe.rows.requests;
      const at = row.claim();
      const { values } = row;
      values[at] = owner.id;
      values[at + 1] = Math.round(owner.startUs);
      values[at + 2] = Math.round(owner.endUs);
      values[at + 3] = routeOf(owner);
      values[at + 4] = status;
      values[at + 5] = bytes;
      values[at + 6] = port;
      values[at + 7] = owners && complete ? Math.round(owner.ownUs) : -1;
      values[at + 8] = flags | owner.flags | (turns === null || complete ? 0 : TURNS_INCOMPLETE);
      values[at + 9] = Math.round(owner.polledUs);
      values[at + 10] = Math.round(owner.answeredUs);
      values[at + 11] = Math.round(owner.bodyFromUs);
      values[at + 12] = Math.round(owner.bodyUs);
      owner.event = null;
      owner.context = null;
      owner.halfAnswered = null;
      if (owner.awaits !== null || status === 0) endAwaits(owner, status === 0);
    },
  };
}

/** `timed`: for the ledger, which asks when a request did what. */
function recordHttp1(log: RequestLog, timed: boolean): Requests {
  const connections = createTag<Connection>();
  let epoch = 0;

  const started = (event: ServerEvent) => {
    const { request, response, socket } = event;
    let connection = connections.get(socket);
    const isNew = !connection;
    if (!connection) {
      connection = { port: socket.remotePort ?? -1, epoch, bytesBefore: socket.bytesWritten, last: null, older: null };
      connections.set(socket, connection);
      listenOnce(socket, 'close', closing(socket, connection));
      noteIncoming(socket);
    }
    if (connection.epoch !== epoch) {
      connection.epoch = epoch;
      connection.bytesBefore = socket.bytesWritten;
      connection.last = connection.older = null;
    }
    const { last } = connection;
    if (last !== null) {
      if (last.endUs < 0) {
        connection.older ??= [];
        connection.older.push(last);
      }
      // The parser of a kept-alive socket still carries the request before: reading this one was not its work.
      else if (current === last) disown();
    }
    const owner = log.begin(request.method ?? 'GET', request.url ?? '/');
    // One that was there before the recording has been written to. TLS writes before the first request.
    const isFirst = isNew && (connection.bytesBefore === 0 || 'encrypted' in socket);
    owner.flags = (isFirst ? FIRST : 0) | (response.shouldKeepAlive ? 0 : UNKEPT);
    owner.event = event;
    connection.last = owner;
  };

  const end = (owner: RequestOwner, connection: Connection, status: number, bytesNow: number, flags: number) => {
    if (connection.older !== null) connection.older = connection.older.filter((one) => one !== owner);
    log.end(owner, { status, bytes: bytesNow >= 0 ? bytesNow - connection.bytesBefore : -1, port: connection.port, flags });
    if (bytesNow >= 0) connection.bytesBefore = bytesNow;
  };

  const finished = ({ request, response, socket }: ServerEvent) => {
    const connection = connections.get(socket);
    const owner = connection && openOn(connection, request);
    if (owner) end(owner, connection, response.statusCode, socket.bytesWritten, isLast(response) ? CLOSED : 0);
  };

  const closing = (socket: Socket, connection: Connection) =>
    guarded(() => {
      if (connection.epoch !== epoch) return;
      const { last, older } = connection;
      if (last !== null && last.endUs >= 0) noteClosed(socket, last.endUs);
      for (const owner of [...(older ?? []), last]) {
        if (!owner?.event) continue;
        const { response } = owner.event;
        end(owner, connection, response.headersSent ? response.statusCode : 0, -1, ABORTED);
      }
    });

  const answered = (response: ServerResponse) => {
    // Most are taken at once; there is nothing to tell apart then.
    if (response.writableFinished) return;
    const connection = response.req.socket ? connections.get(response.req.socket) : undefined;
    const owner = connection && openOn(connection, response.req);
    if (owner && owner.answeredUs < 0) owner.answeredUs = nowUs();
  };

  const subscribe = () => [
    onChannel('http.server.request.start', started),
    onChannel('http.server.response.finish', finished),
    ...(timed ? [watchResponseEnds(answered)] : []),
  ];
  let stops = subscribe();
  const unsubscribe = () => {
    for (const stop of stops.splice(0)) stop();
  };
  return {
    ownerOf(request) {
      const connection = request.socket ? connections.get(request.socket) : undefined;
      return connection && openOn(connection, request);
    },
    pause: unsubscribe,
    resume() {
      epoch++;
      lostCount();
      stops = subscribe();
    },
    stop: unsubscribe,
  };
}

/** The answer says that its connection ends, as Node decided when it wrote the head (lib/_http_outgoing.js, _storeHeader). */
function isLast(response: ServerResponse): boolean {
  const { _last, maxRequestsOnConnectionReached } = response as { _last?: boolean; maxRequestsOnConnectionReached?: boolean };
  return _last === true || maxRequestsOnConnectionReached === true;
}

function openOn({ last, older }: Connection, request: IncomingMessage): RequestOwner | undefined {
  if (last !== null && last.event?.request === request) return last;
  return older?.find(({ event }) => event?.request === request);
}

/** Express 4 and 5 leave the matched route on the request; `baseUrl` is where its router is mounted. */
function expressPattern(request: IncomingMessage): string | null {
  const { route, baseUrl } = request as { route?: { path?: unknown }; baseUrl?: unknown };
  if (typeof route?.path !== 'string') return null;
  return (typeof baseUrl === 'string' ? baseUrl : '') + route.path;
}

function koaPattern({ context }: RequestOwner): string | null {
  const matched = context?._matchedRoute;
  return typeof matched === 'string' ? matched : null;
}
