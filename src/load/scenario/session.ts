import { randomUUID } from 'node:crypto';
import type { Exchange } from '../channel.js';
import type { RequestTemplate } from '../options.js';
import { type CompiledRequest, compileRequest, type Destination, type Encoder } from '../request-bytes.js';
import { answerOf, extract, jsonAt } from './answer.js';
import { isThink, methodOf, type ReadScenario, thinkMs } from './read.js';
import { fill, placesIn } from './template.js';
import type { Answer, Check, RequestStep, Sequence } from './types.js';

/** What a user does next. */
export interface Next {
  request: CompiledRequest;
  afterMs: number;
}

/** One user on his way through a sequence. */
export interface Session {
  /** The answer is in: whether it was as it should be, and what follows; null at the end. */
  proceed(exchange: Exchange, doneUs: number): { passed: boolean; next: Next | null };
}

/** How often a condition held; index in `checksOf`. */
export type CountCheck = (check: number, passed: boolean) => void;

/** The requests of a scenario as templates: for routes, and to be examined before anything is sent. */
export function templatesOf({ scenario }: ReadScenario): RequestTemplate[] {
  return scenario.sequences.flatMap(({ steps, weight = 1 }) =>
    steps.flatMap((step) => {
      if (isThink(step)) return [];
      return [
        {
          ...templateOf(step, scenario.headers, (text) => text.replace(/^\{\{.*?\}\}/, '/$&').replace(/\{\{\s*(.*?)\s*\}\}/g, '_')),
          weight,
        },
      ];
    }),
  );
}

/** The conditions of all steps, each as it is shown. */
export function checksOf({ scenario }: ReadScenario): string[] {
  return scenario.sequences.flatMap(({ steps }) =>
    steps.flatMap((step) => (isThink(step) ? [] : [`${routeOf(step)}: ${checkWords(step)}`])),
  );
}

/** Draws a sequence by weight and gives its first request. */
export function scenarioUsers(read: ReadScenario, destination: Destination, encoder: Encoder, count: CountCheck) {
  const { scenario, rows } = read;
  const routes = new Map([...new Set(templatesOf(read).map(({ route }) => route))].map((route, i) => [route, i]));
  const requestSteps = scenario.sequences.flatMap(({ steps }) => steps.filter((step): step is RequestStep => !isThink(step)));
  const numbers = new Map(requestSteps.map((step, i) => [step, i]));
  const fixed = new Map<RequestStep, CompiledRequest>();
  const total = scenario.sequences.reduce((sum, { weight = 1 }) => sum + weight, 0);
  const cursors = new Map<string, number>();

  return (random: () => number): CompiledRequest => {
    let left = random() * total;
    const sequence = scenario.sequences.find(({ weight = 1 }) => {
      left -= weight;
      return left < 0;
    });
    return begin(sequence ?? scenario.sequences.at(-1)!, random).request;
  };

  function begin(sequence: Sequence, random: () => number): Next {
    const values = valuesOf();
    const lookUp = (name: string): string | undefined => (name === '$uuid' ? randomUUID() : values.get(name));
    let at = 0;
    const next = (): Next | null => {
      let afterMs = 0;
      for (; at < sequence.steps.length; at++) {
        const step = sequence.steps[at]!;
        if (!isThink(step)) return { request: compiled(step), afterMs };
        const [low, high] = thinkMs(step.think)!;
        afterMs += low + random() * (high - low);
      }
      return null;
    };
    const session: Session = {
      proceed(exchange, doneUs) {
        const step = sequence.steps[at] as RequestStep;
        at++;
        const answer = answerOf(exchange, doneUs);
        let passed = holds(step.check, answer);
        for (const [name, source] of passed ? Object.entries(step.extract ?? {}) : []) {
          const value = safely(() => extract(source, answer));
          if (value === undefined) passed = false;
          else values.set(name, value);
        }
        count(numbers.get(step)!, passed);
        // Without what it should have found a user cannot go on.
        return { passed, next: passed ? next() : null };
      },
    };
    return next()!;

    function compiled(step: RequestStep): CompiledRequest {
      const known = fixed.get(step);
      if (known) return { ...known, session };
      const template = templateOf(step, scenario.headers, (text) => fill(text, lookUp));
      const keeps = step.extract !== undefined || step.check !== undefined;
      const request = compileRequest({ ...template, weight: 1 }, routes.get(routeOf(step))!, destination, encoder, keeps);
      if (placesIn(JSON.stringify({ ...step, headers: { ...scenario.headers, ...step.headers } })).length === 0) fixed.set(step, request);
      return { ...request, session };
    }
  }

  /** Variables, and the next row of each data file. */
  function valuesOf(): Map<string, string> {
    const values = new Map(Object.entries(scenario.variables ?? {}).map(([name, value]) => [name, String(value)]));
    for (const [name, table] of Object.entries(rows)) {
      const cursor = cursors.get(name) ?? 0;
      cursors.set(name, cursor + 1);
      for (const [column, value] of Object.entries(table[cursor % table.length]!)) values.set(`${name}.${column}`, value);
    }
    return values;
  }
}

function templateOf(
  step: RequestStep,
  common: Record<string, string> | undefined,
  filled: (text: string) => string,
): Omit<RequestTemplate, 'weight'> {
  const method = methodOf(step);
  const headers = Object.fromEntries(Object.entries({ ...common, ...step.headers }).map(([name, value]) => [name, filled(value)]));
  const body = step.json === undefined ? step.body : JSON.stringify(step.json);
  if (step.json !== undefined) headers['Content-Type'] ??= 'application/json';
  return {
    ...{ method: method.toUpperCase(), path: filled(step[method]!), route: routeOf(step), headers },
    ...(body === undefined ? {} : { body: step.json === undefined ? filled(body) : filledJson(body, filled) }),
  };
}

/** Values stand within JSON texts: quotes in them must stay quotes. */
function filledJson(json: string, filled: (text: string) => string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"/g, (text) => (text.includes('{{') ? JSON.stringify(filled(JSON.parse(text) as string)) : text));
}

function routeOf(step: RequestStep): string {
  const method = methodOf(step);
  return step.name ?? `${method.toUpperCase()} ${step[method]!.replace(/[?#].*$/s, '')}`;
}

function holds(check: Check | undefined, answer: Answer): boolean {
  if (!check) return true;
  const { status, contains, json, maxMs, that } = check;
  const statuses = status === undefined ? null : [status].flat();
  if (statuses ? !statuses.includes(answer.status) : answer.status >= 400) return false;
  if (contains !== undefined && !answer.text.includes(contains)) return false;
  if (maxMs !== undefined && answer.ms > maxMs) return false;
  for (const [path, value] of Object.entries(json ?? {})) if (JSON.stringify(jsonAt(answer, path)) !== JSON.stringify(value)) return false;
  return that === undefined || safely(() => that(answer)) === true;
}

/** A scenario's own function that throws says no. */
function safely<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

function checkWords({ check = {}, extract: wanted = {} }: RequestStep): string {
  const words = Object.entries(check).map(([name, value]) => (name === 'that' ? 'own check' : `${name} ${JSON.stringify(value)}`));
  const found = Object.keys(wanted).map((name) => `has ${name}`);
  return [...words, ...found].join(', ') || 'answered';
}
