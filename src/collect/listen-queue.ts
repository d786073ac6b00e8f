import { execFile } from 'node:child_process';
import { readlinkSync } from 'node:fs';

/** The queue of connections that the kernel has set up and the process has not accepted yet, of all sockets that listen on one port. */
export interface ListenQueue {
  /** How many may wait: the argument of listen, or net.core.somaxconn where that is less. Of several sockets the least. */
  backlog: number;
  /** Connection attempts that found no room, since the socket was made. */
  dropped: number;
}

const SS_MS = 2_000;

/**
 * Asks the kernel over netlink (ss of iproute2, some 5 ms; /proc/net/tcp takes three times as long and has no drops). Null where there is no
 * ss, nobody listens, or `pid` lives in another network namespace than ddx.
 */
export function readListenQueue(port: number, pid: number): Promise<ListenQueue | null> {
  if (process.platform !== 'linux' || !sharesNetwork(pid)) return Promise.resolve(null);
  return new Promise((resolve) => {
    execFile('ss', ['-Hltnm', `sport = :${port}`], { timeout: SS_MS }, (error, text) => resolve(error ? null : parseListening(text)));
  });
}

/** "LISTEN 0 511 127.0.0.1:3000 0.0.0.0:*", then "skmem:(r0,...,d794)": Send-Q is the backlog, d the drops. */
export function parseListening(text: string): ListenQueue | null {
  const sockets = text.split(/^(?=LISTEN\s)/m).flatMap((one) => {
    const head = /^LISTEN\s+\d+\s+(\d+)\s/.exec(one);
    const drops = /skmem:\([^)]*\bd(\d+)\)/.exec(one);
    return head && drops ? [{ backlog: Number(head[1]), dropped: Number(drops[1]) }] : [];
  });
  if (sockets.length === 0) return null;
  return { backlog: Math.min(...sockets.map(({ backlog }) => backlog)), dropped: sockets.reduce((sum, { dropped }) => sum + dropped, 0) };
}

function sharesNetwork(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net');
  } catch {
    return false;
  }
}
