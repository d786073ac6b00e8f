import { printed, type Running, startProcess } from './processes.js';
import type { Materialised } from './scenario.js';
import { openSurroundings } from './surroundings.js';

export interface Served {
  url: string;
  server: Running;
  close(): Promise<void>;
}

/** Starts a scenario's server with its companions, without ddx. `env` is added to the target's. */
export async function serve(member: Materialised, env: Record<string, string> = {}): Promise<Served> {
  const around = await openSurroundings(member);
  const server = startProcess(around.command, { cwd: member.cwd, env: { ...around.env, ...env } });
  const close = async () => {
    await server.stop();
    await around.close();
  };
  try {
    const [, port] = await printed(server, /listening on (\d+)/);
    return { url: `http://127.0.0.1:${port}`, server, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** "POST /login {"name":"a"}", "/books/7" or "/books/[1-500]" as arguments for fetch. */
export function requestOf(base: string, path: string): [string, RequestInit] {
  const [, method, template, body] = /^(?:([A-Z]+) )?(\S+)(?: (.+))?$/.exec(path)!;
  const target = template!.replace(/\[(\d+)-(\d+)\]/g, (_, low, high) =>
    String(Number(low) + Math.floor(Math.random() * (high - low + 1))),
  );
  if (!body) return [base + target, { method: method ?? 'GET' }];
  return [base + target, { method: method ?? 'POST', body, headers: { 'content-type': 'application/json' } }];
}
