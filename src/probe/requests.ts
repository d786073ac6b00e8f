import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { onChannel } from './channels.js';
import { current, disown, type Owner, settle } from './charge.js';
import { nowUs } from './clock.js';
import type { Owners } from './owners.js';
import type { Probe } from './probe.js';
import { createRouteNamer } from './route.js';
import { guarded } from './state.js';
import { createTag } from './tag.js';

/** A request in the works, also the owner that its main-thread time is booked to. */
export interface RequestOwner extends Owner {
  readonly startUs: number;
  readonly method: string;
  readonly url: string;
  /** -1 until it ended. */
  endUs: number;
  /** A router's own pattern, where one told it while the request ran. */
  pattern: string | null;
  /** Koa's context: its router writes the pattern there. */
  context: { _matchedRoute?: unknown } | null;
}

interface Connection {
  readonly port: number;
  bytesBefore: number;
  /** Requests on this socket that have not ended; more than one only with pipelining. */
  readonly open: Map<RequestOwner, ServerEvent>;
  last: RequestOwner | null;
}

interface ServerEvent {
  request: IncomingMessage;
  response: ServerResponse;
  socket: Socket;
}

/** As in model/recording RequestFlag. */
const ABORTED = 1;
const TURNS_INCOMPLETE = 2;
/** Work that goes on this long after its request ended is more likely a pooled socket that still carries the context. */
const EXPIRES_AFTER_US = 2_000_000;

export interface Requests {
  ownerOf(request: IncomingMessage): RequestOwner | undefined;
  /** Forgets the owners that ended long ago; called by the flush timer. */
  expire(): void;
  stop(): void;
}

/** Writes one row per HTTP request, and makes each request the owner of what it sets off. `owners` is null where nobody keeps the ledger. */
export function recordRequests(probe: Probe, owners: Owners | null): Requests {
  const namer = createRouteNamer();
  const ownerTag = createTag<RequestOwner>();
  const connectionTag = createTag<Connection>();
  let nextId = 0;
  let ended: RequestOwner[] = [];

  const started = (event: ServerEvent) => {
    const { request, socket } = event;
    let connection = connectionTag.get(socket);
    if (!connection) {
      connection = { port: socket.remotePort ?? -1, bytesBefore: socket.bytesWritten, open: new Map(), last: null };
      connectionTag.set(socket, connection);
      socket.once('close', closing(connection));
    }
    // The parser of a kept-alive socket still carries the request before: reading this one was not its work.
    if (current === connection.last && connection.last?.endUs !== -1) disown();
    const owner: RequestOwner = {
      id: ++nextId,
      ownUs: 0,
      expired: false,
      startUs: nowUs(),
      method: request.method ?? 'GET',
      url: request.url ?? '/',
      endUs: -1,
      pattern: null,
      context: null,
      halfAnswered: null,
    };
    ownerTag.set(request, owner);
    connection.open.set(owner, event);
    connection.last = owner;
    owners?.begin(owner);
  };

  const finished = ({ request, response, socket }: ServerEvent) => {
    const owner = ownerTag.get(request);
    const connection = connectionTag.get(socket);
    if (!owner || !connection || owner.endUs !== -1) return;
    end(owner, connection, request, response.statusCode, socket.bytesWritten, 0);
  };

  const closing = (connection: Connection) =>
    guarded(() => {
      for (const [owner, { request, response }] of connection.open) {
        end(owner, connection, request, response.headersSent ? response.statusCode : 0, -1, ABORTED);
      }
    });

  const end = (owner: RequestOwner, connection: Connection, request: IncomingMessage, status: number, bytesNow: number, flags: number) => {
    owner.endUs = owners ? settle() : nowUs();
    connection.open.delete(owner);
    if (owner.halfAnswered) for (const wait of owner.halfAnswered) wait.settleEarly();
    const { turns } = probe;
    const incomplete = turns && turns.droppedUntilUs >= owner.startUs ? TURNS_INCOMPLETE : 0;
    const row = probe.rows.requests;
    const at = row.claim();
    const { values } = row;
    values[at] = owner.id;
    values[at + 1] = Math.round(owner.startUs);
    values[at + 2] = Math.round(owner.endUs);
    values[at + 3] = probe.names.text(routeOf(owner, request));
    values[at + 4] = status;
    values[at + 5] = bytesNow >= 0 ? bytesNow - connection.bytesBefore : -1;
    values[at + 6] = connection.port;
    values[at + 7] = owners ? Math.round(owner.ownUs) : -1;
    values[at + 8] = flags | incomplete;
    if (bytesNow >= 0) connection.bytesBefore = bytesNow;
    owner.context = null;
    owner.halfAnswered = null;
    if (owners) ended.push(owner);
  };

  const routeOf = (owner: RequestOwner, request: IncomingMessage): string => {
    const pattern = owner.pattern ?? koaPattern(owner) ?? expressPattern(request);
    return pattern === null ? namer.fromUrl(owner.method, owner.url) : namer.fromPattern(owner.method, pattern);
  };

  const stops = [onChannel('http.server.request.start', started), onChannel('http.server.response.finish', finished)];
  return {
    ownerOf: (request) => ownerTag.get(request),
    expire() {
      const before = nowUs() - EXPIRES_AFTER_US;
      let count = 0;
      while (count < ended.length && ended[count]!.endUs < before) ended[count++]!.expired = true;
      if (count > 0) ended = ended.slice(count);
    },
    stop() {
      for (const stop of stops) stop();
    },
  };
}

/** Express 4 and 5 leave the matched route on the request; `baseUrl` is where its router is mounted. */
function expressPattern(request: IncomingMessage): string | null {
  const { route, baseUrl } = request as { route?: { path?: unknown }; baseUrl?: unknown };
  if (typeof route?.path !== 'string') return null;
  return (typeof baseUrl === 'string' ? baseUrl : '') + route.path;
}

function koaPattern(owner: RequestOwner): string | null {
  const matched = owner.context?._matchedRoute;
  return typeof matched === 'string' ? matched : null;
}
