import { setTimeout as delay } from 'node:timers/promises';
import { startLoad } from '../../load/load.js';
import { parsePath } from '../../load/parse-path.js';
import { printed, type Running, startProcess } from '../processes.js';
import { runArguments } from '../run.js';
import type { Materialised } from '../scenario.js';
import { openSurroundings } from '../surroundings.js';

/** What a tool makes of a server that it started itself. */
export interface ToolCommand {
  /** Runs the server's own command (`direct`) under the tool. */
  command: readonly string[];
  env: Record<string, string>;
  /** What ends it so that the tool writes down what it saw. */
  signal: NodeJS.Signals;
  /** How long that may take. */
  withinMs: number;
}

/** The same server, the same surroundings and the same load as under ddx, but under another tool. Returns the tool's process, ended. */
export async function underLoad(member: Materialised, tool: ToolCommand): Promise<Running> {
  const around = await openSurroundings({ ...member, command: [...tool.command] });
  const server = startProcess(around.command, { cwd: member.cwd, env: { ...around.env, ...tool.env } });
  try {
    const [, port] = await printed(server, /listening on (\d+)/);
    await load(member, Number(port));
    server.child.kill(tool.signal);
    await ended(server, tool.withinMs);
    return server;
  } finally {
    await server.stop();
    await around.close();
  }
}

async function load(member: Materialised, port: number): Promise<void> {
  const { ratePerS, warmupS, durationS } = member.load;
  const args = runArguments(member, '', []);
  const requests = args.filter((_, i) => args[i - 1] === '--path').map(parsePath);
  const originUs = Number(process.hrtime.bigint() / 1000n);
  const arrivals = { kind: 'open', ratePerS } as const;
  await startLoad({ host: '127.0.0.1', port, requests, arrivals, durationS: warmupS + durationS, originUs }, { rows: () => {} }).done;
}

async function ended({ child }: Running, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) await delay(50);
}
