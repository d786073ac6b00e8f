import { DdxError } from '../../errors.js';
import { ask, hostsFor } from '../answers.js';
import { listenersOf, ownerOfPort } from '../listeners.js';
import type { Serving } from '../serving.js';
import { inspectAddress } from './inspect-port.js';
import { type ProcessFacts, processFacts } from './process-facts.js';

/** The process that "1234" (a pid) or ":3000" (a port) means. Throws DDX_USAGE, DDX_NO_PROCESS, DDX_ATTACH_UNSUPPORTED. */
export function findProcess(word: string): { facts: ProcessFacts; port: number | null } {
  const match = /^(:?)(\d+)$/.exec(word);
  const number = Number(match?.[2]);
  if (!match || number < 1 || (match[1] === ':' && number > 65_535)) {
    throw new DdxError(
      'DDX_USAGE',
      `"${word}" is neither a pid nor a port.`,
      'For example: ddx attach 1234, or by its port: ddx attach :3000',
    );
  }
  if (process.platform !== 'linux') {
    throw new DdxError(
      'DDX_ATTACH_UNSUPPORTED',
      `Attaching needs Linux's /proc, which ${process.platform} does not have.`,
      'Start the server with "ddx run -- ..." instead.',
    );
  }
  if (match[1] !== ':') return { facts: known(number, `There is no process ${number}.`), port: null };
  const pid = ownerOfPort(number);
  if (pid === null) {
    throw new DdxError(
      'DDX_NO_PROCESS',
      `No process that ddx can see listens on port ${number}.`,
      'Check the port (ss -ltnp). Sockets of other users show only to root; ports inside of containers only in there.',
    );
  }
  return { facts: known(pid, `Process ${pid}, which listened on port ${number}, is gone.`), port: number };
}

function known(pid: number, otherwise: string): ProcessFacts {
  const facts = processFacts(pid);
  if (!facts) throw new DdxError('DDX_NO_PROCESS', otherwise, 'Look for the right one: pgrep -af node, or name its port: ddx attach :3000');
  if (pid === process.pid) throw new DdxError('DDX_USAGE', `Process ${pid} is ddx itself.`, 'Name the server.');
  return facts;
}

const ANSWER_MS = 1_000;

/**
 * Where to send load, if any: `port`, or what the process listens on; of several the first that answers HTTP. Null where there is none and
 * no load is wanted. Throws DDX_TARGET_SILENT.
 */
export async function servingOf(facts: ProcessFacts, port: number | null, loaded: boolean): Promise<Serving | null> {
  const inspector = inspectAddress(facts.argv, facts.startEnv('NODE_OPTIONS') ?? '').port;
  const open = portsOf(facts).filter((listener) => listener.port !== inspector || listener.port === port);
  const wanted = port === null ? open : [open.find((listener) => listener.port === port) ?? { port, address: '' }];
  const [first] = wanted;
  if (!first) {
    if (!loaded) return null;
    throw new DdxError(
      'DDX_TARGET_SILENT',
      `Process ${facts.pid} listens on no TCP port that ddx can see, so there is nothing to send load to.`,
      'Leave --rate and --connections out to record what it does by itself, or name the port: --port N',
    );
  }
  let chosen = { ...first, host: hostsFor(first.address)[0]! };
  for (const listener of loaded && wanted.length > 1 ? wanted : []) {
    const host = await answering(listener);
    if (host === null) continue;
    chosen = { ...listener, host };
    break;
  }
  return {
    host: chosen.host,
    port: chosen.port,
    pid: facts.pid,
    otherPorts: wanted.map((one) => one.port).filter((other) => other !== chosen.port),
  };
}

async function answering({ address, port }: { address: string; port: number }): Promise<string | null> {
  for (const host of hostsFor(address)) if ((await ask(host, port, ANSWER_MS)) === 'http') return host;
  return null;
}

/** What the process, or the primary of its cluster, listens on; TCP over IPv4 and IPv6 counts once. */
function portsOf(facts: ProcessFacts): { port: number; address: string }[] {
  const own = listenersOf([facts.pid]);
  const all = own.length > 0 || facts.startEnv('NODE_UNIQUE_ID') === undefined ? own : listenersOf([facts.ppid]);
  return all.filter(({ port }, i) => all.findIndex((one) => one.port === port) === i);
}
