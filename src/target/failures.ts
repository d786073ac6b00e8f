import { DdxError } from '../errors.js';
import type { Target, TargetExit } from './launch.js';

const SHOWN_LINES = 12;

export function targetEnded(target: Target, command: readonly string[]): DdxError {
  const afterS = ((performance.now() - target.startedMs) / 1000).toFixed(1);
  return new DdxError(
    'DDX_TARGET_EXITED',
    `"${command.join(' ')}" ${howItEnded(target.exit()!)} after ${afterS} s, before it served a request.${lastWords(target)}`,
    'Make it start without ddx first; ddx runs it in the same folder with the same environment.',
  );
}

export function neverListened(
  target: Target,
  { command, startupMs, port }: { command: readonly string[]; startupMs: number; port: number | null },
): DdxError {
  const what = port === null ? 'listened on no TCP port' : `did not listen on port ${port}`;
  return new DdxError(
    'DDX_TARGET_SILENT',
    `"${command.join(' ')}" (pid ${target.pid}) is running, but ${what} within ${startupMs / 1000} s.${lastWords(target)}`,
    port === null
      ? 'If it only needs longer, give it more time: --startup 2m. If it is no server, ddx has nothing to measure.'
      : 'Check the port: --port must be the one that the target itself opens. If it only needs longer: --startup 2m.',
  );
}

export function neverAnswered(
  ports: readonly number[],
  { command, startupMs }: { command: readonly string[]; startupMs: number },
): DdxError {
  const [first] = ports;
  const which = ports.length === 1 ? `port ${first}` : `the ports ${ports.join(', ')}`;
  return new DdxError(
    'DDX_TARGET_UNREACHABLE',
    `"${command.join(' ')}" listens on ${which}, but nothing there answered HTTP/1.1 within ${startupMs / 1000} s.`,
    'ddx speaks plain HTTP/1.1 (no TLS, no HTTP/2 without it). If another port serves it, name that one with --port.',
  );
}

export function howItEnded({ code, signal }: TargetExit): string {
  return signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
}

function lastWords(target: Target): string {
  const tail = target.stderrTail();
  if (tail === null) return '';
  if (tail.length === 0) return ' It wrote nothing to stderr.';
  return ` The last it wrote to stderr:\n${tail
    .slice(-SHOWN_LINES)
    .map((line) => `    ${line}`)
    .join('\n')}`;
}
