import { DdxError } from '../errors.js';
import type { Depth } from '../model/options.js';
import { OUTPUT_KINDS, type OutputKind } from './output-kinds.js';

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** "30s", "2m", "500ms", "1h"; plain numbers are seconds. Milliseconds. */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const ms = match ? Number(match[1]) * UNITS[match[2] ?? 's']! : Number.NaN;
  if (!Number.isFinite(ms) || ms > 24 * UNITS['h']!) throw unusable(option, text, 'a duration up to 24h such as 30s, 2m or 500ms');
  return ms;
}

export function parseRate(text: string, option: string): number {
  const rate = Number(text);
  if (text.trim() === '' || !Number.isFinite(rate) || rate <= 0 || rate > 1e6) {
    throw unusable(option, text, 'requests per second, more than 0, e.g. 200. To record traffic that comes by itself, leave it out');
  }
  return rate;
}

export function parseCount(text: string, option: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 100_000) throw unusable(option, text, 'a whole number of at least 1');
  return count;
}

/** Any whole number from 0: seeds of scenarios. */
export function parseSeed(text: string, option: string): number {
  const seed = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(seed) || seed < 0) throw unusable(option, text, 'a whole number from 0');
  return seed;
}

export function parseState(text: string, option: string): 'sick' | 'healthy' {
  if (text !== 'sick' && text !== 'healthy') throw unusable(option, text, 'sick or healthy');
  return text;
}

export function parseTool(text: string, option: string): 'clinic' | 'cpuprof' {
  if (text !== 'clinic' && text !== 'cpuprof') throw unusable(option, text, 'clinic or cpuprof');
  return text;
}

export function parsePort(text: string, option: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw unusable(option, text, 'a port from 1 to 65535');
  return port;
}

const DEPTHS: readonly Depth[] = ['outside', 'light', 'standard', 'deep'];

export function parseDepth(text: string, option: string): Depth {
  const depth = DEPTHS.find((known) => known === text);
  if (!depth) throw unusable(option, text, `one of ${DEPTHS.join(', ')}`);
  return depth;
}

export interface OutputFile {
  kind: OutputKind;
  path: string;
}
const KINDS = Object.keys(OUTPUT_KINDS) as OutputKind[];

export function parseOutput(text: string, option: string): OutputFile {
  const [name, path] = text.split(/=(.*)/s);
  const kind = KINDS.find((known) => known === name);
  if (!kind || !path) throw unusable(option, text, `KIND=FILE with a kind of ${KINDS.join(', ')}, e.g. html=report.html`);
  return { kind, path };
}

export function unusable(option: string, text: string, wanted: string): DdxError {
  return new DdxError('DDX_USAGE', `--${option} ${text === '' ? '""' : text} can't be used.`, `--${option} takes ${wanted}.`);
}
