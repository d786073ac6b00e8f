import type { Report } from './report.js';
import { wordCount } from './wording.js';

/** "node 22.23.3". */
export function runtimeWords({ target }: Report): string {
  const version = target.versions[target.runtime];
  return version === undefined || target.runtime.includes(version) ? target.runtime : `${target.runtime} ${version}`;
}

/** "200 req/s open loop". */
export function loadWords({ window }: Report): string {
  const { load } = window;
  if (!load) return 'traffic as it came';
  const rate = load.ratePerS === null ? '' : `${wordCount(load.ratePerS)} req/s `;
  const connections = load.connections === null ? '' : `, ${wordCount(load.connections)} connections`;
  return `${rate}${load.kind} loop${connections}`;
}

/** How the target ended, as a sentence; null where it ended well or not at all. */
export function exitWords({ target }: Report): string | null {
  const { exit } = target;
  if (!exit || (exit.code === 0 && exit.signal === null && exit.stderrTail.length === 0)) return null;
  const how = exit.signal === null ? `exited with code ${exit.code ?? 'unknown'}` : `was ended by ${exit.signal}`;
  return `The target ${how} during the recording.`;
}
