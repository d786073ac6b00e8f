import type { ProbeSession } from './endpoint.js';
import { messagesOf, type Target } from './target.js';

export interface WaitRow {
  owner: number;
  kind: string;
  dest: string;
  site: number;
  startUs: number;
  endUs: number;
  ms: number;
  flags: number;
}

/** What a target's probe recorded until now, by request. */
export interface Recorded {
  session: ProbeSession;
  /** In order of their beginning. */
  waits: WaitRow[];
  byOwner(id: number): WaitRow[];
  /** Requests to a path, in order of arrival. */
  ids(path: string): number[];
  idOf(path: string): number;
  /** Of the first request to a path: what drivers and Node.js told of. On a crowded machine a promise may be late on its own. */
  of(path: string): WaitRow[];
}

/** Ends the recording and sorts it. */
export async function recorded(target: Target): Promise<Recorded> {
  const session = await target.finish();
  const text = (i: number) => session.text.get(i) ?? '';
  const waits = (session.rows['waits'] ?? []).map((row) => {
    const { startUs = 0, endUs = 0 } = row;
    return { ...row, kind: text(row['kind']!), dest: text(row['dest']!), ms: (endUs - startUs) / 1000 } as WaitRow;
  });
  waits.sort((a, b) => a.startUs - b.startUs);
  const requests = [...(session.rows['requests'] ?? [])].sort((a, b) => a['id']! - b['id']!);
  const byOwner = (id: number) => waits.filter(({ owner }) => owner === id);
  const ids = (path: string) => requests.filter((row) => text(row['route']!) === `GET ${path}`).map((row) => row['id']!);
  const idOf = (path: string) => ids(path)[0] ?? -1;
  return { session, waits, byOwner, ids, idOf, of: (path) => byOwner(idOf(path)).filter(({ kind }) => kind !== 'promise') };
}

/** The innermost line of `file` at a call site; -1 where it is not on the stack. */
export function lineOf(session: ProbeSession, site: number, file: string): number {
  const frames = messagesOf(session, 'site').find(({ i }) => i === site)?.frames ?? [];
  return frames.find(({ url }) => url.endsWith(file))?.line ?? -1;
}
