import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DdxError } from '../../errors.js';
import { readRows } from './data.js';
import { placesIn } from './template.js';
import type { RequestStep, Scenario, Sequence, Step } from './types.js';

export const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'] as const;
const STEP_KEYS = new Set<string>([...METHODS, 'name', 'headers', 'json', 'body', 'extract', 'check']);
const CHECK_KEYS = new Set(['status', 'contains', 'json', 'maxMs', 'that']);
const SOURCE = /^(json:.+|header:.+|regex:.+|body)$/s;

/** A scenario that holds together, with its data. */
export interface ReadScenario {
  scenario: Scenario;
  rows: Record<string, Record<string, string>[]>;
}

/** Loads and examines a scenario file. Throws DDX_SCENARIO that shows the line. */
export async function readScenario(file: string): Promise<ReadScenario> {
  const path = resolve(file);
  const source = readSource(file, path);
  let scenario: Scenario;
  try {
    scenario = ((await import(pathToFileURL(path).href)) as { default: Scenario }).default;
  } catch (error) {
    throw notLoaded(file, path, source, error);
  }
  const fail = (says: string, token = ''): never => {
    throw problem(file, source, says, lineOf(source, token));
  };
  if (typeof scenario !== 'object' || scenario === null) fail('it exports no scenario', 'export');
  if (!Array.isArray(scenario.sequences) || scenario.sequences.length === 0) fail('it has no sequences', 'sequences');
  for (const [i, sequence] of scenario.sequences.entries()) examine(sequence, `sequence ${i + 1}`, fail);
  const rows: ReadScenario['rows'] = {};
  for (const [name, data] of Object.entries(scenario.data ?? {})) {
    try {
      rows[name] = readRows(resolve(dirname(path), data));
    } catch (error) {
      fail(`the data ${name} can't be read: ${(error as Error).message}`, data);
    }
  }
  const columns = Object.entries(rows).flatMap(([name, table]) => Object.keys(table[0]!).map((column) => `${name}.${column}`));
  const known = ['$uuid', ...Object.keys(scenario.variables ?? {}), ...columns];
  for (const sequence of scenario.sequences) examinePlaces(sequence, scenario.headers, known, fail);
  return { scenario, rows };
}

export function isThink(step: Step): step is Extract<Step, { think: string }> {
  return 'think' in step;
}

export function methodOf(step: RequestStep): (typeof METHODS)[number] {
  return METHODS.find((method) => step[method] !== undefined)!;
}

/** "500ms" or "1s..3s" in milliseconds, or null. */
export function thinkMs(text: string): [low: number, high: number] | null {
  const parts = String(text)
    .split('..')
    .map((part) => /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(part.trim()));
  if (parts.length > 2 || parts.some((part) => !part)) return null;
  const [low, high = low] = parts.map((part) => Number(part![1]) * { ms: 1, s: 1_000, m: 60_000 }[part![2] as 'ms' | 's' | 'm']);
  return low! <= high! ? [low!, high!] : null;
}

type Fail = (says: string, token?: string) => never;

function examine(sequence: Sequence, where: string, fail: Fail): void {
  const name = sequence?.name ?? '';
  if (!Array.isArray(sequence?.steps) || sequence.steps.length === 0) fail(`${where} has no steps`, name);
  if (sequence.weight !== undefined && !(sequence.weight > 0))
    fail(`${where} has the weight ${sequence.weight}; it must be above 0`, 'weight');
  for (const [i, step] of sequence.steps.entries()) examineStep(step, `step ${i + 1} of ${where}`, fail);
  if (sequence.steps.every(isThink)) fail(`${where} sends no request`, name);
}

function examineStep(step: Step, where: string, fail: Fail): void {
  if (typeof step !== 'object' || step === null) fail(`${where} is no object`);
  if (isThink(step)) {
    if (!thinkMs(step.think)) fail(`${where} thinks for ${JSON.stringify(step.think)}; write "500ms" or "1s..3s"`, String(step.think));
    return;
  }
  const methods = METHODS.filter((method) => step[method] !== undefined);
  const stray = Object.keys(step).find((key) => !STEP_KEYS.has(key));
  if (stray !== undefined) fail(`${where} has a "${stray}", which no step has (${[...STEP_KEYS].join(', ')}, or think)`, stray);
  if (methods.length !== 1) fail(`${where} must have one of ${METHODS.join(', ')}, or think`, step.name ?? Object.keys(step)[0]);
  const path = step[methods[0]!]!;
  if (typeof path !== 'string' || !/^(\/|\{\{)/.test(path))
    fail(`${where} asks for ${JSON.stringify(path)}; a path begins with /`, String(path));
  if (step.json !== undefined && step.body !== undefined) fail(`${where} has both json and body`, path);
  for (const [name, from] of Object.entries(step.extract ?? {})) {
    if (typeof from === 'function') continue;
    if (typeof from !== 'string' || !SOURCE.test(from))
      fail(
        `${where} extracts ${name} from ${JSON.stringify(from)}; sources are "json:items.0.id", "header:location", "regex:id=(\\\\d+)", "body"`,
        String(from),
      );
    if (from.startsWith('regex:') && !isRegex(from.slice(6)))
      fail(`${where} extracts ${name} with a regular expression that is none`, from);
  }
  const strayCheck = Object.keys(step.check ?? {}).find((key) => !CHECK_KEYS.has(key));
  if (strayCheck !== undefined) fail(`${where} checks "${strayCheck}", which no check has (${[...CHECK_KEYS].join(', ')})`, strayCheck);
}

/** A name in {{...}} must have got its value before. */
function examinePlaces({ steps }: Sequence, headers: Scenario['headers'], before: readonly string[], fail: Fail): void {
  const known = new Set(before);
  for (const step of steps) {
    if (isThink(step)) continue;
    const { check: _, extract = {}, ...sent } = step;
    for (const name of placesIn(JSON.stringify([sent, headers])))
      if (!known.has(name))
        fail(`{{${name}}} has no value there: it is no variable, no column of data, and no step before extracts it`, name);
    for (const name of Object.keys(extract)) known.add(name);
  }
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

function readSource(file: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new DdxError('DDX_SCENARIO', `The scenario ${file} can't be read: ${(error as Error).message}.`, 'Look at the name.', {
      cause: error,
    });
  }
}

/** What is thrown says where only if it was running; for a file that does not parse, node --check does. */
function notLoaded(file: string, path: string, source: string, error: unknown): DdxError {
  const says = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const url = pathToFileURL(path).href;
  const at = error instanceof Error ? error.stack?.split(url)[1] : undefined;
  const checked = at ?? spawnSync(process.execPath, ['--check', path], { encoding: 'utf8', timeout: 10_000 }).stderr?.split(path)[1];
  return problem(file, source, says, Number(/^:(\d+)/.exec(checked ?? '')?.[1]) || 0);
}

/** The first line that has the token, as a text of its own if it can; 0 for none. */
function lineOf(source: string, token: string): number {
  if (token === '') return 0;
  const lines = source.split('\n');
  const wanted = ["'", '"', '`', ''].map((quote) => lines.findIndex((line) => line.includes(`${quote}${token}${quote}`)));
  return (wanted.find((line) => line >= 0) ?? -1) + 1;
}

function problem(file: string, source: string, says: string, line: number): DdxError {
  const shown = source.split('\n')[line - 1]?.trim().slice(0, 160);
  return new DdxError(
    'DDX_SCENARIO',
    line > 0 ? `${file}:${line}: ${says}.\n     ${line} | ${shown}` : `${file}: ${says}.`,
    'docs/load.md shows what a scenario file looks like.',
  );
}
