import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startProcess } from '../processes.js';
import type { Need, ServiceNeed } from '../scenario.js';
import { missingService } from './install.js';
import { RECIPES } from './recipes.js';
import type { Recipe, Service } from './service.js';

/** RabbitMQ needs 12 to 18 s on two busy cores. */
const READY_WITHIN_MS = 90_000;

/**
 * Ends the server and removes its data when its owner ($1) is gone, however that came about: a data folder and a server that outlive a
 * killed lab would be there for good. It leaves the server's own children alone until then, being nobody's child itself.
 */
const GUARDED =
  'folder="$0"; owner="$1"; shift; ( ( while kill -0 "$owner" 2>/dev/null; do sleep 1; done; rm -rf "$folder"; kill -s KILL -- -$$ ) & ); exec "$@"';

/** Starts a server of our own and waits until it answers. Throws with the server's last words where it does not; see `missingService`. */
export async function startService(name: ServiceNeed, flags: readonly string[] = []): Promise<Service> {
  const missing = missingService(name);
  if (missing) throw new Error(`${name} ${missing}`);
  const recipe = RECIPES[name];
  const [port = 0, ...furtherPorts] = await freePorts(3);
  const folder = mkdtempSync(join(tmpdir(), `ddx-${name}-`));
  chmodSync(folder, 0o700);
  try {
    const place = { program: recipe.find()!, folder, port, furtherPorts, flags };
    for (const [command, ...args] of recipe.prepare?.(place) ?? []) {
      giveTo(recipe, folder);
      const [program, ...rest] = asAccount(recipe, [command!, ...args]);
      execFileSync(program!, rest, { cwd: folder, stdio: 'ignore' });
    }
    const { command, env } = recipe.start(place);
    giveTo(recipe, folder);
    const running = startProcess(['sh', '-c', GUARDED, folder, `${process.pid}`, ...asAccount(recipe, command)], {
      cwd: folder,
      ...(env && { env }),
    });
    const stop = async () => {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      await untilReady(recipe, port, () => running.child.exitCode === null && running.child.signalCode === null);
    } catch (error) {
      await stop();
      throw new Error(`${name} ${(error as Error).message}\n${running.stdout().slice(-1000)}\n${running.stderr().slice(-2000)}`);
    }
    return { name, port, url: recipe.url(port), stop };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

export function isService(need: Need): need is ServiceNeed {
  return Object.hasOwn(RECIPES, need);
}

function giveTo({ account }: Recipe, folder: string): void {
  if (account && process.getuid?.() === 0) execFileSync('chown', ['-R', `${account}:`, folder]);
}

function asAccount({ account }: Recipe, command: readonly string[]): readonly string[] {
  if (!account || process.getuid?.() !== 0) return command;
  return ['setpriv', `--reuid=${account}`, `--regid=${account}`, '--init-groups', ...command];
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

async function untilReady(recipe: Recipe, port: number, alive: () => boolean): Promise<void> {
  const giveUpAtMs = performance.now() + READY_WITHIN_MS;
  while (!(await answers(recipe, port))) {
    if (!alive()) throw new Error('ended while it started');
    if (performance.now() > giveUpAtMs) throw new Error(`did not answer within ${READY_WITHIN_MS / 1000} s`);
    await delay(30);
  }
}

function answers({ greeting }: Recipe, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const done = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(2000, () => done(false));
    socket.once('connect', () => void (greeting.hello && socket.write(greeting.hello)));
    socket.once('data', (answer) => done(greeting.ready(answer)));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
  });
}
