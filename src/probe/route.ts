/** Names routes, a bounded number of them: "GET /orders/:id". Pure. */
export interface RouteNamer {
  /** From a pattern that a router gave. */
  fromPattern(method: string, pattern: string): string;
  /** From the request's own URL, when no router tells: whatever looks like a value becomes `:id`. The query is never looked at. */
  fromUrl(method: string, url: string): string;
}

const MAX_ROUTES = 300;
const MAX_CACHED_PATHS = 2000;

export function createRouteNamer(): RouteNamer {
  const routes = new Set<string>();
  let byPath = new Map<string, string>();
  let byPattern = new Map<string, string>();

  const admit = (method: string, route: string): string => {
    if (routes.has(route)) return route;
    if (routes.size >= MAX_ROUTES) return `${method} (other)`;
    routes.add(route);
    return route;
  };
  return {
    fromPattern(method, pattern) {
      const key = `${method} ${pattern}`;
      let route = byPattern.get(key);
      if (route === undefined) {
        if (byPattern.size >= MAX_CACHED_PATHS) byPattern = new Map();
        route = admit(method, `${method} ${tidy(pattern)}`);
        byPattern.set(key, route);
      }
      return route;
    },
    fromUrl(method, url) {
      const path = pathOf(url);
      const key = `${method} ${path}`;
      let route = byPath.get(key);
      if (route === undefined) {
        if (byPath.size >= MAX_CACHED_PATHS) byPath = new Map();
        route = admit(method, `${method} ${normalisePath(path)}`);
        byPath.set(key, route);
      }
      return route;
    },
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

const MAX_SEGMENTS = 12;

function isValue(segment: string): boolean {
  if (segment === '') return false;
  if (segment.length > 24 || /[@%=:;,+~!$&'()*]/.test(segment)) return true;
  if (!/\d/.test(segment)) return segment.length >= 20 && /[a-z]/.test(segment) && /[A-Z]/.test(segment);
  // "v1", "oauth2", "mp3", "index.html5": a word with a small number at its end is a name, digits in between are not.
  return !/^[a-z]+[-_.]?\d$|^v\d+(\.\d+)?$/i.test(segment);
}

function pathOf(url: string): string {
  let end = url.length;
  for (let i = 0; i < end; i++) {
    const code = url.charCodeAt(i);
    if (code === 63 || code === 35) end = i;
  }
  let path = url.slice(0, end);
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
