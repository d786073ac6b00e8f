// First: the modules below ask for it as they load.
import './traceless.js';
import type { ProbeConfig } from '../model/wire.js';
import { builtin } from './builtin.js';
import { openSession, type SessionHost } from './session.js';
import { guarded } from './state.js';
import { wrapAll } from './wrap-all.js';

/** On `process` while a probe is inside: a second one would wrap the first one's wrappers. */
const INSIDE = Symbol.for('ddx.probe');

/**
 * Entry of dist/probe/attach.cjs, run in a process that knows nothing of ddx. Begins with a turn of its own: the inspector may have
 * interrupted anything. Returns false where another probe is inside.
 */
export function attach(config: ProbeConfig): boolean {
  if (INSIDE in process) return false;
  Object.defineProperty(process, INSIDE, { value: true, configurable: true });
  setImmediate(guarded(() => begin(config)));
  return true;
}

function begin(config: ProbeConfig): void {
  const { stat } = builtin<typeof import('node:fs')>('fs');
  const host: SessionHost = {
    stat: stat as unknown as SessionHost['stat'],
    earlySpawns: () => [],
    ended: () => void Reflect.deleteProperty(process, INSIDE),
  };
  if (config.depth !== 'light') wrapAll();
  openSession(config, null, host);
}
