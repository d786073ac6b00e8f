import { DdxError } from '../errors.js';
import type { RequestTemplate } from './options.js';
import { routesOf } from './options.js';

/** A template ready to be written. */
export interface CompiledRequest {
  method: string;
  /** Index into routesOf(requests). */
  route: number;
  /** The bytes of one request, with its random parts drawn. */
  bytes(random: () => number): Buffer;
}

const RANGE = /\[(\d{1,15})-(\d{1,15})\]/g;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const BODY_EXPECTED = new Set(['POST', 'PUT', 'PATCH']);

/** Chooses a request by weight. Throws DDX_USAGE for a template that cannot be sent. */
export function compileRequests(
  requests: readonly RequestTemplate[],
  host: string,
  port: number,
): (random: () => number) => CompiledRequest {
  const routes = routesOf(requests);
  const compiled = requests.map((request) => compile(request, routes.indexOf(request.route), hostHeader(host, port)));
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

function compile(request: RequestTemplate, route: number, host: string): CompiledRequest {
  const method = request.method.toUpperCase();
  if (!TOKEN.test(method)) throw unsendable(request, `"${request.method}" is not an HTTP method`);
  if (!request.path.startsWith('/')) throw unsendable(request, 'its path does not begin with /');
  const path = request.path.replace(/#.*$/s, '').replace(/[^\x21-\x7e]/gu, encode);
  const rest = `HTTP/1.1\r\n${headLines(request, method, host)}\r\n${request.body ?? ''}`;
  const parts = path.split(RANGE);
  if (parts.length === 1) {
    const fixed = Buffer.from(`${method} ${path} ${rest}`);
    return { method, route, bytes: () => fixed };
  }
  return { method, route, bytes: (random) => Buffer.from(`${method} ${drawn(parts, random)} ${rest}`) };
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

function headLines(request: RequestTemplate, method: string, host: string): string {
  const headers = new Map([
    ['host', ['Host', host]],
    ['user-agent', ['User-Agent', 'ddx']],
    ['accept', ['Accept', '*/*']],
  ]);
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    if (!TOKEN.test(name) || /[\r\n\0]/.test(value)) throw unsendable(request, `the header ${JSON.stringify(name)} is not valid`);
    headers.set(name.toLowerCase(), [name, value]);
  }
  // The framing is ours: a length that does not fit would make the next request on this connection garbage.
  headers.delete('transfer-encoding');
  headers.delete('content-length');
  if (request.body !== undefined || BODY_EXPECTED.has(method)) {
    headers.set('content-length', ['Content-Length', String(Buffer.byteLength(request.body ?? ''))]);
  }
  return [...headers.values()].map(([name, value]) => `${name}: ${value}\r\n`).join('');
}

function hostHeader(host: string, port: number): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === 80 ? name : `${name}:${port}`;
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
