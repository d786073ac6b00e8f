import { inOrder, parseJson, type Recorded, routeOf, unusable } from './recorded.js';

interface HarEntry {
  startedDateTime?: string;
  request?: { method?: string; url?: string; headers?: { name: string; value: string }[]; postData?: { text?: string; mimeType?: string } };
}

/** Belong to the connection, to the framing, or to the recorded host. */
const NOT_SENT = /^(:|host$|connection$|keep-alive$|proxy-|transfer-encoding$|content-length$|upgrade|te$|expect$|accept-encoding$|if-)/i;

/** Hosts of a HAR file, the most asked one first. Throws DDX_SCENARIO. */
export function harHosts(file: string, text: string): string[] {
  const counts = new Map<string, number>();
  for (const { request } of entriesOf(file, text)) {
    if (typeof request?.url !== 'string' || !/^https?:/.test(request.url) || !URL.canParse(request.url)) continue;
    const { host } = new URL(request.url);
    counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([host]) => host);
}

/**
 * The requests of a HAR file (http://www.softwareishard.com/blog/har-12-spec/) that went to `target` or to one of the hosts mapped to
 * it. Throws DDX_SCENARIO: no HAR, or nothing in it is for the target.
 */
export function readHar(file: string, text: string, target: string, mapped: ReadonlySet<string>): Recorded {
  const entries = entriesOf(file, text);
  const others = new Map<string, number>();
  const requests = entries.flatMap(({ request, startedDateTime }) => {
    if (typeof request?.url !== 'string' || !URL.canParse(request.url)) return [];
    const url = new URL(request.url);
    if (!['http:', 'https:'].includes(url.protocol)) return [];
    if (url.host !== target && !mapped.has(url.host)) {
      others.set(url.host, (others.get(url.host) ?? 0) + 1);
      return [];
    }
    const method = String(request.method ?? 'GET').toUpperCase();
    const path = `${url.pathname}${url.search}`;
    const headers = Object.fromEntries(
      (request.headers ?? []).filter(({ name }) => !NOT_SENT.test(name)).map(({ name, value }) => [name, value]),
    );
    const body = request.postData?.text;
    const atMs = Date.parse(startedDateTime ?? '') || 0;
    return [{ method, path, route: routeOf(method, path), headers, weight: 1, atMs, ...(body === undefined ? {} : { body }) }];
  });
  const foreign = [...others].sort(([, a], [, b]) => b - a).map(([host, count]) => `${host} (${count})`);
  if (requests.length === 0) {
    const most = [...others].sort(([, a], [, b]) => b - a)[0]?.[0];
    throw most === undefined
      ? unusable(file, 'it has no requests', 'Record it again.')
      : unusable(
          file,
          `none of its requests went to ${target}, but to ${foreign.join(', ')}`,
          `If the target stands for one of them: --host-map ${most}=${target}`,
        );
  }
  return inOrder(
    requests,
    foreign.length > 0 ? [`Left out of ${file}: requests to ${foreign.slice(0, 5).join(', ')}${foreign.length > 5 ? ', ...' : ''}.`] : [],
  );
}

function entriesOf(file: string, text: string): HarEntry[] {
  const entries = (parseJson(file, text) as { log?: { entries?: HarEntry[] } } | null)?.log?.entries;
  if (Array.isArray(entries)) return entries;
  throw unusable(file, 'it is no HAR: it has no log.entries', 'Save it with the browser: network tab, "Save all as HAR".');
}
