/** Names routes, a bounded number of them, and gives each an index by `indexOf`. Pure. */
export interface RouteNamer {
  /** From a pattern that a router gave. */
  fromPattern(method: string, pattern: string): number;
  /** From the request's own URL, when no router tells: whatever looks like a value becomes `:id`. The query is never looked at. */
  fromUrl(method: string, url: string): number;
}

const MAX_ROUTES = 300;
const MAX_CACHED = 2000;
const MAX_SEGMENTS = 12;

export function createRouteNamer(indexOf: (route: string) => number): RouteNamer {
  const routes = new Set<string>();
  const admit = (method: string, path: string): number => {
    const route = `${method} ${path}`;
    if (routes.has(route)) return indexOf(route);
    if (routes.size >= MAX_ROUTES) return indexOf(`${method} (other)`);
    routes.add(route);
    return indexOf(route);
  };
  return {
    fromPattern: cached((method, pattern) => admit(method, tidy(pattern))),
    // By the whole URL first: most servers are asked for the same ones again and again.
    fromUrl: cached((method, url) => admit(method, normalisePath(pathOf(url)))),
  };
}

/** "/users/42/orders/9f1c2ab4" -> "/users/:id/orders/:id". */
export function normalisePath(path: string): string {
  return path
    .split('/')
    .slice(0, MAX_SEGMENTS)
    .map((segment) => (isValue(segment) ? ':id' : segment))
    .join('/');
}

function cached(name: (method: string, text: string) => number): (method: string, text: string) => number {
  const byMethod = new Map<string, Map<string, number>>();
  return (method, text) => {
    let known = byMethod.get(method);
    if (known === undefined) {
      known = new Map();
      byMethod.set(method, known);
    }
    let index = known.get(text);
    if (index === undefined) {
      index = name(method, text);
      if (known.size >= MAX_CACHED) known.clear();
      known.set(text, index);
    }
    return index;
  };
}

function isValue(segment: string): boolean {
  if (segment === '') return false;
  if (segment.length > 24 || /[@%=:;,+~!$&'()*]/.test(segment)) return true;
  if (!/\d/.test(segment)) return segment.length >= 20 && /[a-z]/.test(segment) && /[A-Z]/.test(segment);
  // "v1", "oauth2", "mp3": a word with a small number at its end is a name, digits in between are not.
  return !/^[a-z]+[-_.]?\d$|^v\d+(\.\d+)?$/i.test(segment);
}

function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  let path = end < 0 ? url : url.slice(0, end);
  if (path.charCodeAt(0) !== 47) {
    // Absolute form, as proxies send it.
    const slash = path.indexOf('/', path.indexOf('://') + 3);
    path = path.includes('://') && slash >= 0 ? path.slice(slash) : '/';
  }
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function tidy(pattern: string): string {
  const joined = pattern.replace(/\/{2,}/g, '/');
  const path = joined.length > 1 && joined.endsWith('/') ? joined.slice(0, -1) : joined;
  return path === '' ? '/' : path.slice(0, 200);
}
