import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { hasClients, listenersOf, ownerOfPort } from '../listeners.js';
import { connectDevtools, type Devtools, evaluate, evaluateObject } from './devtools.js';
import type { Executable } from './elf.js';
import { type InspectAddress, inspectAddress } from './inspect-port.js';
import { maySignal } from './preflight.js';
import { isSame, type ProcessFacts } from './process-facts.js';
import { Refusal } from './refusal.js';

/** The way into a running process: its inspector, open and proven to be its own. */
export interface Entrance {
  readonly devtools: Devtools;
  /** Whether the event loop turns once within that time. */
  turns(withinMs: number): Promise<boolean>;
  /** Shuts the inspector again, also while the loop is blocked; leaves one that was open before as it was. */
  shut(): Promise<void>;
}

const OPEN_MS = 5_000;
const ANSWER_MS = 5_000;
/** If ddx were killed just now, nobody else would close the port. */
const DEAD_MAN_MS = 15_000;

/** Opens the inspector by SIGUSR1, or takes the one that is open and idle. Throws a Refusal. */
export async function enter(facts: ProcessFacts, executable: Executable | null, forced: boolean): Promise<Entrance> {
  const address = inspectAddress(facts.argv, facts.startEnv('NODE_OPTIONS') ?? '');
  const before = listenersOf([facts.pid]).map(({ port }) => port);
  // Asked first: our own question would count.
  const inUse = address.port > 0 && hasClients(facts.pid, address.port);
  const wasOpen = address.port > 0 && before.includes(address.port) && (await targets(address)) !== null;
  if (wasOpen && inUse) {
    throw new Refusal(`a debugger is connected to its inspector (port ${address.port})`, 'Disconnect it first.');
  }
  if (!wasOpen) {
    refuseTaken(facts, address.port);
    maySignal(facts, executable, forced);
    if (!isSame(facts)) throw new Refusal('it ended just now');
    process.kill(facts.pid, 'SIGUSR1');
  }
  const url = await inspectorOf(facts, address, before);
  const devtools = await connectDevtools(url, ANSWER_MS);
  try {
    return await proven(facts, devtools, wasOpen);
  } catch (error) {
    devtools.close();
    throw error instanceof Refusal ? error : new Refusal(`its inspector does not answer as it should (${(error as Error).message})`);
  }
}

async function proven(facts: ProcessFacts, devtools: Devtools, wasOpen: boolean): Promise<Entrance> {
  // Both at once: if ddx were killed between them, nobody would shut the port.
  const closing = wasOpen ? null : evaluateObject(devtools, `process.pid === ${facts.innerPid} ? ${CLOSER} : {}`);
  closing?.catch(() => {});
  const found = await greet(facts, devtools);
  if (found.pid !== facts.innerPid) throw new Refusal(`the inspector that opened belongs to another process (${found.pid})`);
  const closer = await closing;
  const turns = async (withinMs: number): Promise<boolean> => {
    try {
      await devtools.ask('Runtime.evaluate', { expression: 'new Promise((r) => setImmediate(r))', awaitPromise: true }, withinMs);
      return true;
    } catch {
      return false;
    }
  };
  return {
    devtools,
    turns,
    async shut() {
      const live = await turns(ANSWER_MS / 10);
      const ask = { objectId: closer, functionDeclaration: live ? CLOSE_SOON : CLOSE_NOW };
      // Closing ends the conversation, so that there may be no answer.
      if (closer) await devtools.ask('Runtime.callFunctionOn', ask, ANSWER_MS).catch(() => {});
      else devtools.close();
      await Promise.race([devtools.closed, delay(ANSWER_MS, undefined, { ref: false })]);
      devtools.close();
    },
  };
}

/** The first words tell whose inspector it is and change nothing. */
async function greet(facts: ProcessFacts, devtools: Devtools): Promise<{ pid: number; node: string }> {
  try {
    const found = await evaluate<{ pid: number; node: string; modules: string }>(
      devtools,
      '({ pid: process.pid, node: process.versions.node, modules: typeof process.getBuiltinModule })',
    );
    if (found.modules === 'function' || found.pid !== facts.innerPid) return found;
    throw new Refusal(`it runs Node.js ${found.node}, and looking inside takes 20.16, 22.3 or newer`);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    // What was asked is heard whenever it runs again, and the timer in it shuts the port.
    throw new Refusal(
      'its main thread runs no JavaScript at present: it waits in a system call or in native code (execSync, Atomics.wait, an addon)',
    );
  }
}

const CLOSER = `(() => {
  if (!process.getBuiltinModule) return { close() {} };
  const { close } = process.getBuiltinModule('node:inspector');
  const timer = setTimeout(close, ${DEAD_MAN_MS});
  timer.unref();
  return { timer, close };
})()`;
const CLOSE_SOON = 'function () { clearTimeout(this.timer); setImmediate(this.close); }';
const CLOSE_NOW = 'function () { clearTimeout(this.timer); this.close(); }';

/** Somebody else on that port would make Node complain on the target's stderr, and us talk to the wrong one. */
function refuseTaken(facts: ProcessFacts, port: number): void {
  if (port === 0) return;
  const owner = ownerOfPort(port, `/proc/${facts.pid}/net`);
  if (owner === null) return;
  const by = owner === facts.pid ? 'the process itself uses that port for something else' : `process ${owner} uses that port`;
  throw new Refusal(`its inspector would open on port ${port}, and ${by}`, owner === facts.pid ? '' : `End process ${owner} first.`);
}

async function inspectorOf(facts: ProcessFacts, address: InspectAddress, before: readonly number[]): Promise<URL> {
  const deadlineMs = performance.now() + OPEN_MS;
  while (performance.now() < deadlineMs) {
    const url = await openedAt(facts, address, before);
    if (url) return url;
    if (!isSame(facts)) throw new Refusal('it ended just now');
    await delay(20);
  }
  throw new Refusal(
    `it opened no inspector within ${OPEN_MS / 1000} s: its main thread waits in a system call or in native code (execSync, an addon)`,
    '',
    (giveUp) => shutWhenOpen(facts, address, before, giveUp),
  );
}

/** The signal is on its way: whenever the main thread runs JavaScript again, the inspector opens, and nobody is there any more. */
async function shutWhenOpen(
  facts: ProcessFacts,
  address: InspectAddress,
  before: readonly number[],
  giveUp: AbortSignal,
): Promise<boolean> {
  while (!giveUp.aborted && isSame(facts)) {
    const url = await openedAt(facts, address, before);
    if (url) {
      const devtools = await connectDevtools(url, ANSWER_MS);
      await evaluate(devtools, `process.pid === ${facts.innerPid} && (${CLOSER}).close()`).catch(() => {});
      devtools.close();
      return true;
    }
    await delay(200);
  }
  return !isSame(facts);
}

function openedAt(facts: ProcessFacts, address: InspectAddress, before: readonly number[]): Promise<URL | null> {
  const port = address.port > 0 ? address.port : listenersOf([facts.pid]).find((one) => !before.includes(one.port))?.port;
  return port === undefined ? Promise.resolve(null) : targets({ ...address, port });
}

/** Where Node's inspector says one can connect; null where nobody or something else answers. */
function targets({ host, port }: InspectAddress): Promise<URL | null> {
  return new Promise((resolve) => {
    const asking = get(`http://${host}:${port}/json/list`, { agent: false, timeout: 1000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => {
        text += more.length < 100_000 ? more : '';
      });
      response.on('error', () => resolve(null));
      response.on('end', () => resolve(urlIn(text, host)));
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(null));
    asking.on('close', () => resolve(null));
  });
}

function urlIn(text: string, host: string): URL | null {
  try {
    const [first] = JSON.parse(text) as { type?: string; webSocketDebuggerUrl?: string }[];
    if (first?.type !== 'node' || !first.webSocketDebuggerUrl) return null;
    const url = new URL(first.webSocketDebuggerUrl);
    url.hostname = host;
    return url;
  } catch {
    return null;
  }
}
