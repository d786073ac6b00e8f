import type { WaitKind } from '../../model/recording.js';

const NAME = /^[A-Za-z][A-Za-z._-]{1,30}$/;
/** They wait on purpose, until somebody else has put something there. */
const BLOCKING = /^(?:B[LRZ]\w*|WAIT|WAITAOF)$/;

/** "HGETALL"; what does not look like a command may be somebody's data. */
export function commandName(name: unknown): string {
  const text = String(name);
  return NAME.test(text) ? text.toUpperCase() : 'command';
}

export function commandKind(name: unknown, args: readonly unknown[] = []): WaitKind {
  const command = commandName(name);
  const blocks = BLOCKING.test(command) || (/^XREAD/.test(command) && args.some((arg) => String(arg).toUpperCase() === 'BLOCK'));
  return blocks ? 'queue' : 'cache/execute';
}
