import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A TCP port that somebody listens on. */
export interface Listener {
  port: number;
  address: string;
  pid: number;
}

const ESTABLISHED_STATE = '01';
const LISTEN_STATE = '0A';

/**
 * TCP ports that the given processes listen on, by their open sockets. Linux only; elsewhere empty. Reading /proc/net/tcp walks the
 * kernel's whole hash table (15 ms on a large machine): call it seldom.
 */
export function listenersOf(pids: readonly number[]): Listener[] {
  const [first] = pids;
  if (first === undefined || process.platform !== 'linux') return [];
  const sockets = listeningSockets(`/proc/${first}/net`);
  if (sockets.size === 0) return [];
  return pids.flatMap((pid) =>
    socketInodes(pid).flatMap((inode) => {
      const socket = sockets.get(inode);
      return socket ? [{ ...socket, pid }] : [];
    }),
  );
}

/** The process that listens on `port`, where /proc shows it; the oldest of several. */
export function ownerOfPort(port: number, folder = '/proc/net'): number | null {
  if (process.platform !== 'linux') return null;
  const inodes = new Set([...listeningSockets(folder)].filter(([, socket]) => socket.port === port).map(([inode]) => inode));
  if (inodes.size === 0) return null;
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .sort((a, b) => Number(a) - Number(b));
  const owner = pids.find((pid) => socketInodes(Number(pid)).some((inode) => inodes.has(inode)));
  return owner === undefined ? null : Number(owner);
}

/** Whether somebody is connected to `port` where `pid` lives. */
export function hasClients(pid: number, port: number): boolean {
  const here = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return netTables(`/proc/${pid}/net`).some((text) =>
    text.split('\n').some((line) => {
      const fields = line.trim().split(/\s+/);
      return fields[3] === ESTABLISHED_STATE && fields[1]?.endsWith(here) === true;
    }),
  );
}

function listeningSockets(folder: string): Map<string, { port: number; address: string }> {
  const sockets = new Map<string, { port: number; address: string }>();
  for (const { inode, port, address } of netTables(folder).flatMap(parseNetTcp)) sockets.set(inode, { port, address });
  return sockets;
}

/** Without what is not there: no IPv6, or no /proc. */
function netTables(folder: string): string[] {
  return ['tcp', 'tcp6'].flatMap((name) => {
    try {
      return [readFileSync(`${folder}/${name}`, 'latin1')];
    } catch {
      return [];
    }
  });
}

/** The listening sockets in the text of /proc/net/tcp or tcp6. */
export function parseNetTcp(text: string): { inode: string; port: number; address: string }[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [hex, port] = fields[1]?.split(':') ?? [];
    if (fields[3] !== LISTEN_STATE || !hex || !port || !fields[9]) return [];
    return [{ inode: fields[9], port: Number.parseInt(port, 16), address: addressOf(hex) }];
  });
}

/** The kernel prints each 32-bit word in the machine's byte order; all that Node runs on are little-endian or print alike for 0 and ::1. */
function addressOf(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)));
  if (bytes.length === 4) return bytes.join('.');
  const groups: string[] = [];
  for (let i = 0; i < bytes.length; i += 2) groups.push(((bytes[i]! << 8) | bytes[i + 1]!).toString(16));
  if (groups.every((group) => group === '0')) return '::';
  if (groups.slice(0, 7).every((group) => group === '0')) return `::${groups[7]}`;
  return groups.join(':');
}

function socketInodes(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}
