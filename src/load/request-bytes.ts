import { DdxError } from '../errors.js';
import type { LoadOptions, RequestTemplate } from './options.js';
import { routesOf } from './options.js';
import type { Session } from './scenario/session.js';

/** A template ready to be written. */
export interface CompiledRequest {
  method: string;
  /** Index into routesOf(requests). */
  route: number;
  /** Whether head and body of the answer are wanted. */
  keepsAnswer: boolean;
  /** Whose it is: asked what follows the answer. */
  session: Session | null;
  /** The bytes of one request, with its random parts drawn. */
  bytes(random: () => number): Buffer;
}

/** What a protocol makes its bytes from. Header names are tokens, values have no line breaks; the framing headers are in it. */
export interface PlainRequest {
  method: string;
  scheme: 'http' | 'https';
  authority: string;
  headers: readonly (readonly [name: string, value: string])[];
  body: string | undefined;
}

/** Writes all of a request but its path, which may differ each time. */
export type Encoder = (request: PlainRequest) => (path: string) => Buffer;

/** Where requests go: what of LoadOptions stands in them. */
export type Destination = Pick<LoadOptions, 'host' | 'port' | 'authority' | 'tls' | 'headers'>;

const RANGE = /\[(\d{1,15})-(\d{1,15})\]/g;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const BODY_EXPECTED = new Set(['POST', 'PUT', 'PATCH']);

/** Chooses a request by weight. Throws DDX_USAGE for a template that cannot be sent. */
export function compileRequests(
  requests: readonly RequestTemplate[],
  destination: Destination,
  encoder: Encoder = http1Bytes,
): (random: () => number) => CompiledRequest {
  const routes = routesOf(requests);
  const compiled = requests.map((request) => compileRequest(request, routes.indexOf(request.route), destination, encoder));
  const total = requests.reduce((sum, request) => sum + request.weight, 0);
  const last = compiled.at(-1);
  if (!last || !(total > 0) || !Number.isFinite(total)) {
    throw new DdxError(
      'DDX_USAGE',
      'There is no request to send.',
      'Name at least one path with a weight above 0, such as --path /orders.',
    );
  }
  if (compiled.length === 1) return () => last;
  return (random) => {
    let left = random() * total;
    for (let i = 0; i < compiled.length; i++) {
      left -= requests[i]!.weight;
      if (left < 0) return compiled[i]!;
    }
    return last;
  };
}

/** One after the other, as a trace has them. */
export function compileInOrder(requests: readonly RequestTemplate[], destination: Destination, encoder: Encoder): () => CompiledRequest {
  const routes = new Map(routesOf(requests).map((route, i) => [route, i]));
  let next = 0;
  return () => {
    const request = requests[next++ % requests.length]!;
    return compileRequest(request, routes.get(request.route)!, destination, encoder);
  };
}

export function compileRequest(
  request: RequestTemplate,
  route: number,
  destination: Destination,
  encoder: Encoder = http1Bytes,
  keepsAnswer = false,
): CompiledRequest {
  const method = request.method.toUpperCase();
  if (!TOKEN.test(method)) throw unsendable(request, `"${request.method}" is not an HTTP method`);
  if (!request.path.startsWith('/')) throw unsendable(request, 'its path does not begin with /');
  const path = request.path.replace(/#.*$/s, '').replace(/[^\x21-\x7e]/gu, encode);
  const withPath = encoder({
    method,
    scheme: destination.tls ? 'https' : 'http',
    authority: destination.authority ?? authorityOf(destination),
    headers: headersOf(request, method, destination.headers),
    body: request.body,
  });
  const parts = path.split(RANGE);
  if (parts.length > 1) return { method, route, keepsAnswer, session: null, bytes: (random) => withPath(drawn(parts, random)) };
  const fixed = withPath(path);
  return { method, route, keepsAnswer, session: null, bytes: () => fixed };
}

/** HTTP/1.1. */
export function http1Bytes({ method, authority, headers, body = '' }: PlainRequest): (path: string) => Buffer {
  const host = headers.find(([name]) => name.toLowerCase() === 'host') ?? (['Host', authority] as const);
  const all = [host, ...headers.filter((header) => header !== host)];
  const rest = ` HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
  return (path) => Buffer.from(`${method} ${path}${rest}`);
}

/** Every third part is text, the two after it are the bounds of a range. */
function drawn(parts: readonly string[], random: () => number): string {
  let path = parts[0]!;
  for (let i = 1; i < parts.length; i += 3) {
    const low = Number(parts[i]);
    const high = Number(parts[i + 1]);
    path += `${low + Math.floor(random() * (high - low + 1))}${parts[i + 2]}`;
  }
  return path;
}

function headersOf(request: RequestTemplate, method: string, common: Record<string, string> = {}): (readonly [string, string])[] {
  const headers = new Map<string, readonly [string, string]>([
    ['user-agent', ['User-Agent', 'ddx']],
    ['accept', ['Accept', '*/*']],
  ]);
  for (const [name, value] of Object.entries({ ...common, ...request.headers })) {
    if (!TOKEN.test(name) || /[\r\n\0]/.test(value)) throw unsendable(request, `the header ${JSON.stringify(name)} is not valid`);
    headers.set(name.toLowerCase(), [name, value]);
  }
  // The framing is ours: a length that does not fit would make the next request on this connection garbage.
  headers.delete('transfer-encoding');
  headers.delete('content-length');
  if (request.body !== undefined || BODY_EXPECTED.has(method)) {
    headers.set('content-length', ['Content-Length', String(Buffer.byteLength(request.body ?? ''))]);
  }
  return [...headers.values()];
}

function authorityOf({ host, port, tls }: Destination): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === (tls ? 443 : 80) ? name : `${name}:${port}`;
}

function encode(character: string): string {
  return `%${Buffer.from(character).toString('hex').toUpperCase().match(/../g)!.join('%')}`;
}

function unsendable(request: RequestTemplate, because: string): DdxError {
  return new DdxError(
    'DDX_USAGE',
    `The request ${JSON.stringify(request.route)} cannot be sent: ${because}.`,
    'Write it like "/orders", "GET /orders?limit=10" or "POST /orders {\\"id\\": 1}".',
  );
}
