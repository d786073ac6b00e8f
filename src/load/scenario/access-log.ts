import { inOrder, type Recorded, routeOf, unusable } from './recorded.js';

/** nginx "combined" [10/Oct/2025:13:55:36 +0200] and HAProxy [09/Dec/2025:12:59:46.633]. */
const TIME = /\[(\d{1,2})\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?(?: ([+-])(\d\d)(\d\d))?\]/;
const REQUEST = /"([A-Z]{3,10}) (\/[^\s"]*)(?: HTTP\/[\d.]+)?"/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * The GET and HEAD requests of an access log of nginx (combined and what begins like it) or HAProxy (HTTP log). Logs hold no bodies, so
 * what needs one is left out. Where times are whole seconds, the requests of a second are spread evenly over it. Throws DDX_SCENARIO.
 */
export function readAccessLog(file: string, text: string): Recorded {
  const seen: { atMs: number; isWhole: boolean; method: string; path: string }[] = [];
  let strange = 0;
  let withBody = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const time = TIME.exec(line);
    const request = REQUEST.exec(line);
    if (!time || !request) strange++;
    else if (request[1] !== 'GET' && request[1] !== 'HEAD') withBody++;
    else seen.push({ atMs: timeOf(time), isWhole: time[7] === undefined, method: request[1], path: request[2]! });
  }
  if (seen.length === 0)
    throw unusable(
      file,
      `no line of it is a GET of an access log (${strange} lines are not understood)`,
      'nginx (combined) and HAProxy (HTTP log) are understood, .har and .ddx too.',
    );
  const perSecond = new Map<number, number>();
  for (const { atMs } of seen) perSecond.set(atMs, (perSecond.get(atMs) ?? 0) + 1);
  const placed = new Map<number, number>();
  const requests = seen.map(({ atMs, isWhole, method, path }) => {
    const place = placed.get(atMs) ?? 0;
    placed.set(atMs, place + 1);
    const spreadMs = isWhole ? (place * 1_000) / perSecond.get(atMs)! : 0;
    return { method, path, route: routeOf(method, path), weight: 1, atMs: atMs + spreadMs };
  });
  return inOrder(requests, [
    ...(withBody > 0 ? [`Left out of ${file}: ${withBody} requests with methods other than GET and HEAD; a log has no bodies.`] : []),
    ...(strange > 0 ? [`${strange} lines of ${file} are not understood.`] : []),
  ]);
}

function timeOf([, day, month, year, hour, minute, second, ms = '0', sign, zoneHour = '0', zoneMinute = '0']: RegExpExecArray): number {
  const utc = Date.UTC(Number(year), MONTHS.indexOf(month!), Number(day), Number(hour), Number(minute), Number(second), Number(ms));
  const zoneMs = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000;
  return sign === '-' ? utc + zoneMs : utc - zoneMs;
}
