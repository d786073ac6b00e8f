import type { Fact } from '../model/fact.js';
import { type IncomingDocument, type Recording, RequestFlag, type SourceLocation } from '../model/recording.js';
import { callSite } from './sites.js';
import { ascending, quantile } from './stats.js';
import { window } from './window.js';

/** Why the server ends connections that their clients meant to keep. */
export type EndedBy = 'answers' | 'max-requests' | 'idle-timeout';

/** How often requests came on connections of their own, and who does not keep them. */
export interface IncomingConnections {
  /** The route with most of them; its requests in the window. */
  route: string;
  requests: number;
  /** Of them, those for which a connection was opened; and of those, the ones whose clients did not ask to keep it. Shares, 0..1. */
  openedShare: number;
  unkeptShare: number;
  /** Connections that were opened, of all routes, and those that the server ended although their clients meant to keep them; per second. */
  openedPerS: number;
  endedPerS: number;
  /** What ended most of these; null where nothing of the server's did. */
  endedBy: EndedBy | null;
  keepAliveMs: number;
  maxRequests: number;
  /** Of our own load: what waiting for the connection took, and the whole request, medians of those that had to; -1 without such load. */
  openingP50Ms: number;
  requestP50Ms: number;
  /** The line of the setting, where the source shows one; else where the server listens. */
  location: SourceLocation | null;
}

export const incomingConnections: Fact<IncomingConnections> = {
  id: 'incoming-connections',
  compute(recording, get) {
    const { startUs, endUs, durationUs } = get(window);
    const told = recording.documents.incoming ?? [];
    if (told.length === 0)
      return {
        ok: false,
        because: 'connections of clients were not followed',
        enable: 'record a Node.js server with --depth light or deeper',
      };
    const { requests } = recording.streams;
    const routes = new Map<number, { requests: number; opened: number; unkept: number }>();
    let opened = 0;
    let closed = 0;
    for (let row = 0; row < requests.rows; row++) {
      const atUs = requests.startUs[row]!;
      if (atUs < startUs || atUs >= endUs) continue;
      const flags = requests.flags[row]!;
      const sum = routes.get(requests.route[row]!) ?? { requests: 0, opened: 0, unkept: 0 };
      routes.set(requests.route[row]!, sum);
      sum.requests++;
      const isUnkept = (flags & RequestFlag.unkept) !== 0;
      if ((flags & RequestFlag.closed) !== 0 && !isUnkept) closed++;
      if ((flags & RequestFlag.first) === 0) continue;
      opened++;
      sum.opened++;
      if (isUnkept) sum.unkept++;
    }
    const [worst] = [...routes].sort((a, b) => b[1].opened - a[1].opened);
    if (!worst) return { ok: false, because: 'no request came in the window' };
    const [route, { requests: count, opened: ofRoute, unkept }] = worst;
    const idle = told.reduce((sum, { idleClosed }) => sum + idleClosed, 0);
    const { keepAliveMs, maxRequests } = told.reduce((most, one) => (one.idleClosed > most.idleClosed ? one : most));
    const endedBy = closed + idle === 0 ? null : idle > closed ? 'idle-timeout' : maxRequests > 0 ? 'max-requests' : 'answers';
    const perS = (number: number) => (number / durationUs) * 1e6;
    return {
      ok: true,
      value: {
        route: recording.strings[route] ?? '(unknown)',
        requests: count,
        openedShare: ofRoute / count,
        unkeptShare: ofRoute > 0 ? unkept / ofRoute : 0,
        openedPerS: perS(opened),
        endedPerS: perS(closed + idle),
        endedBy,
        keepAliveMs,
        maxRequests,
        ...openingOf(recording, startUs, endUs),
        location: (endedBy && settingIn(recording, endedBy, keepAliveMs)) ?? listenedAt(recording, told),
      },
    };
  },
};

/** Our own load has one port for each connection: the first request over it had to wait until it stood. */
function openingOf(recording: Recording, startUs: number, endUs: number): Pick<IncomingConnections, 'openingP50Ms' | 'requestP50Ms'> {
  const { client } = recording.streams;
  const lagUs = (recording.documents.session?.generatorLag?.p50Us ?? 0) as number;
  const order = Array.from({ length: client.rows }, (_, row) => row).sort((a, b) => client.sentUs[a]! - client.sentUs[b]!);
  const seen = new Set<number>();
  const opening: number[] = [];
  const whole: number[] = [];
  for (const row of order) {
    const [intendedUs, sentUs, doneUs] = [client.intendedUs[row]!, client.sentUs[row]!, client.doneUs[row]!];
    if (seen.has(client.port[row]!) || sentUs < 0) continue;
    seen.add(client.port[row]!);
    if (intendedUs < startUs || intendedUs >= endUs) continue;
    opening.push(Math.max(0, sentUs - intendedUs - lagUs) / 1e3);
    whole.push((doneUs - intendedUs) / 1e3);
  }
  if (opening.length === 0) return { openingP50Ms: -1, requestP50Ms: -1 };
  return { openingP50Ms: quantile(ascending(opening), 0.5), requestP50Ms: quantile(ascending(whole), 0.5) };
}

const SETTING: Record<EndedBy, RegExp> = {
  answers: /['"]?connection['"]?\s*[,:]\s*['"]close['"]|\bshouldKeepAlive\s*=\s*false/i,
  'max-requests': /\bmaxRequestsPerSocket['"]?\s*[:=][^=]/,
  'idle-timeout': /\bkeepAliveTimeout['"]?\s*[:=][^=]/,
};

/** The one line that says so; of several time-outs (clients have them too) the one that says this number. */
function settingIn(recording: Recording, endedBy: EndedBy, keepAliveMs: number): SourceLocation | null {
  const found = recording.documents.sources.flatMap(({ file, firstLine, lines }) =>
    lines.flatMap((text, i) => (SETTING[endedBy].test(text) && !/^\s*(?:\/\/|\*)/.test(text) ? [{ file, line: firstLine + i, text }] : [])),
  );
  const exact = endedBy === 'idle-timeout' ? found.filter(({ text }) => saysNumber(text, keepAliveMs)) : [];
  const [only, ...others] = exact.length > 0 ? exact : found;
  return only && others.length === 0 ? { file: only.file, line: only.line, function: '', source: 'app' } : null;
}

function saysNumber(text: string, value: number): boolean {
  const said = /keepAliveTimeout['"]?\s*[:=]\s*([\d_.e]+(?:\s*\*\s*[\d_.e]+)*)/.exec(text)?.[1];
  return said?.split('*').reduce((product, factor) => product * Number(factor.replaceAll('_', '')), 1) === value;
}

function listenedAt(recording: Recording, told: readonly IncomingDocument[]): SourceLocation | null {
  return told.map(({ site }) => callSite(recording, site)).find((found) => found !== null) ?? null;
}
