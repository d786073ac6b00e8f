import { isMainThread } from 'node:worker_threads';
import type { ProbeConfig } from '../model/wire.js';
import { builtin } from './builtin.js';
import { whenListening } from './dormant.js';
import { watchEarlySpawns } from './early-spawns.js';
import { openSession, type Session, type SessionHost } from './session.js';
import { wrapAll } from './wrap-all.js';

// Entry of dist/probe/preload.cjs, loaded by --require into every Node process below the target's command.
try {
  const config = configOf(process.env['DDX_PROBE']);
  if (config && isMainThread && isPlainNode()) prepare(config);
} catch {}

function prepare(config: ProbeConfig): void {
  const { stat } = builtin<typeof import('node:fs')>('fs');
  let session: Session | null = null;
  const early = config.depth === 'light' ? null : watchEarlySpawns();
  const host: SessionHost = {
    stat: stat as unknown as SessionHost['stat'],
    earlySpawns: () => early?.take() ?? [],
    ended: () => stopListening(),
  };
  // Named imports bind when a module is linked, long before the process listens: wrappers must stand by then.
  if (config.depth !== 'light') wrapAll();
  const stopListening = whenListening((where) => {
    if (session) session.listening(where);
    else session = openSession(config, where, host);
  });
}

function configOf(text: string | undefined): ProbeConfig | null {
  if (!text) return null;
  const config = JSON.parse(text) as ProbeConfig;
  return config.v === 1 && typeof config.socket === 'string' && typeof config.originUs === 'number' ? config : null;
}

function isPlainNode(): boolean {
  const { bun, electron, deno } = process.versions as Record<string, string | undefined>;
  return !bun && !electron && !deno && Number(process.versions.node.split('.')[0]) >= 18;
}
