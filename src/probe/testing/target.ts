import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProbeConfig, ProbeMessage } from '../../model/wire.js';
import { probeBundle } from './bundle.js';
import { type Endpoint, type ProbeSession, startEndpoint } from './endpoint.js';

const fixtures = resolve(import.meta.dirname, '../../../test/fixtures/probe');

/** Another Node than the one that runs the tests: DDX_TEST_NODE=/path/to/node. */
export const testNode = process.env.DDX_TEST_NODE ?? process.execPath;

export interface TargetOptions {
  depth?: ProbeConfig['depth'] | 'none';
  args?: string[];
  nodeArgs?: string[];
  env?: Record<string, string>;
  endpoint?: Endpoint;
}

/** A fixture running with the probe, and what the probe said. */
export interface Target {
  readonly endpoint: Endpoint;
  readonly child: ChildProcess;
  readonly port: number;
  output(): string;
  get(path: string, init?: RequestInit): Promise<string>;
  /** The probe's session, once it has said hello. */
  session(): Promise<ProbeSession>;
  /** Asks the probe to finish and waits until it has withdrawn. */
  finish(): Promise<ProbeSession>;
  stop(): Promise<void>;
}

/** Starts test/fixtures/probe/`fixture` and waits for the port that it prints. */
export async function startTarget(fixture: string, options: TargetOptions = {}): Promise<Target> {
  const endpoint = options.endpoint ?? (await startEndpoint());
  const { child, output } = launch(fixture, endpoint, options);
  const port = await until(() => Number(/listening (\d+)/.exec(output())?.[1]) || undefined, `${fixture} to listen`, output);
  const session = () =>
    until(() => endpoint.sessions.find(({ messages }) => messages.some(({ t }) => t === 'listening')), 'the probe to say hello', output);
  return {
    endpoint,
    child,
    port,
    output,
    get: async (path, init) => (await fetch(`http://127.0.0.1:${port}${path}`, init)).text(),
    session,
    async finish() {
      const open = await session();
      open.send({ t: 'finish' });
      await until(() => open.closed || undefined, 'the probe to finish', output);
      return open;
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      if (!options.endpoint) endpoint.close();
    },
  };
}

/** Runs a fixture to its end. */
export async function runToEnd(
  fixture: string,
  options: TargetOptions = {},
): Promise<{ output: string; code: number | null; endpoint: Endpoint }> {
  const endpoint = options.endpoint ?? (await startEndpoint());
  const { child, output } = launch(fixture, endpoint, options);
  const [code] = (await once(child, 'close')) as [number | null];
  if (!options.endpoint) endpoint.close();
  return { output: output(), code, endpoint };
}

/** Polls: child processes have no better event for "has sent this by now". */
export async function until<T>(ask: () => T | undefined, what: string, output = () => ''): Promise<T> {
  const giveUpAt = Date.now() + 20_000;
  for (;;) {
    const answer = ask();
    if (answer !== undefined) return answer;
    if (Date.now() > giveUpAt) throw new Error(`waited in vain for ${what}\n${output()}`);
    await sleep(20);
  }
}

export function messagesOf<T extends ProbeMessage['t']>(session: ProbeSession, t: T): Extract<ProbeMessage, { t: T }>[] {
  return session.messages.filter((message): message is Extract<ProbeMessage, { t: T }> => message.t === t);
}

function launch(fixture: string, endpoint: Endpoint, { depth = 'standard', args = [], nodeArgs = [], env = {} }: TargetOptions) {
  const probe = depth === 'none' ? {} : { ...endpoint.env(depth), NODE_OPTIONS: `--require ${probeBundle()}` };
  const child = spawn(testNode, [...nodeArgs, resolve(fixtures, fixture), ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...probe, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { child, output: () => text };
}
