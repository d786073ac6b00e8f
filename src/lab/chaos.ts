import type { RuleId } from '../model/units.js';
import { type Draw, drawFrom } from './kit/draw.js';
import type { App, Route, Scenario, SourceModule } from './scenario.js';

/** Illnesses that leave each other room: none of them hides another by stopping the traffic that it needs. */
const MIXES: Record<string, readonly RuleId[]> = {
  'leak-and-slow-service': ['memory/heap-leak', 'network/slow-downstream'],
  'blocked-and-slow-service': ['runtime/event-loop-blocked', 'network/slow-downstream'],
  'leak-and-errors': ['memory/heap-leak', 'http/error-responses'],
  'blocked-and-errors': ['runtime/event-loop-blocked', 'http/error-responses'],
  'slow-service-leak-and-errors': ['network/slow-downstream', 'memory/heap-leak', 'http/error-responses'],
};

/** Requests in the mix that is asked for in turn. */
const MIX_SIZE = 90;

/** A family of servers with two or three illnesses at once, each in a part of its own; healed, all of them are. */
export function composed(scenarios: readonly Scenario[]): Scenario {
  return {
    id: 'chaos/composed',
    rule: null,
    title: 'Two or three illnesses in one server: each must be named, and nothing else',
    needs: [],
    causes: Object.keys(MIXES),
    build(draw, sick) {
      const rules = draw.inTurn(Object.values(MIXES));
      const parts: Part[] = [];
      for (const rule of rules) parts.push(partOf(scenarios.find(({ id }) => id === rule)!, rule, draw, sick, parts));
      return merge(parts);
    },
  };
}

interface Part {
  rule: RuleId;
  folder: string;
  app: App;
}

function partOf(scenario: Scenario, rule: RuleId, draw: Draw, sick: boolean, before: readonly Part[]): Part {
  const taken = new Set(before.flatMap(({ app }) => namesOf(app.routes, app.boot ?? [])));
  const folder = rule.split('/')[1]!.replace(/^.*-/, '');
  for (;;) {
    const app = placed(scenario.build(drawFrom(scenario.id, draw.int(0, 1e6)), sick), folder);
    const guilty = new Set(app.modules.filter(({ source }) => source.includes('//@cause')).map(({ file }) => file));
    // Whatever bears a name that another part has already is left out, unless it is what this part is about.
    const fits = (name: string, module: string) => guilty.has(module) || !taken.has(name);
    const routes = app.routes.filter(({ handler, module }) => fits(handler, module));
    const boot = (app.boot ?? []).filter(({ call, from }) => fits(functionOf(call), from));
    const clash = namesOf(routes, boot).some((name) => taken.has(name));
    if (!clash) return { rule, folder, app: { ...app, routes, boot } };
  }
}

/** The app below a folder and a path of its own. */
function placed(app: App, folder: string): App {
  const renamed = (file: string) => (file.includes('/') ? `${folder}/${file}` : `${folder}-${file}`);
  return {
    ...app,
    modules: app.modules.map((module): SourceModule => ({ ...module, file: `${folder}/${module.file}` })),
    routes: app.routes.map((route) => ({
      ...route,
      path: `/${folder}${route.path}`,
      module: `${folder}/${route.module}`,
      examples: route.examples.map((example) => `/${folder}${example}`),
    })),
    boot: (app.boot ?? []).map(({ call, from }) => ({ call, from: `${folder}/${from}` })),
    files: Object.fromEntries(Object.entries(app.files ?? {}).map(([file, text]) => [renamed(file), text])),
    companions: (app.companions ?? []).map((companion) => ({ ...companion, file: renamed(companion.file) })),
  };
}

function merge(parts: readonly Part[]): App {
  const apps = parts.map(({ app }) => app);
  const ratePerS = apps.reduce((sum, { load }) => sum + load.ratePerS, 0);
  return {
    name: apps[0]!.name,
    modules: apps.flatMap(({ modules }) => modules),
    routes: apps.flatMap((app) => weighted(app, app.load.ratePerS / ratePerS)),
    boot: apps.flatMap(({ boot }) => boot ?? []),
    files: Object.assign({}, ...apps.map(({ files }) => files)),
    nodeArgs: apps.flatMap(({ nodeArgs }) => nodeArgs ?? []),
    env: Object.assign({}, ...apps.map(({ env }) => env)),
    companions: apps.flatMap(({ companions }) => companions ?? []),
    truths: parts.map(({ rule, folder }) => ({ rule, folder })),
    load: {
      ratePerS,
      warmupS: Math.max(...apps.map(({ load }) => load.warmupS)),
      durationS: Math.max(...apps.map(({ load }) => load.durationS)),
    },
  };
}

/** Each part is asked as often as it would be alone. */
function weighted(app: App, share: number): Route[] {
  const sum = app.routes.reduce((total, { weight }) => total + weight, 0);
  return app.routes.map((route) => ({ ...route, weight: Math.max(1, Math.round((route.weight / sum) * share * MIX_SIZE)) }));
}

function namesOf(routes: readonly Route[], boot: NonNullable<App['boot']>): string[] {
  return [...routes.map(({ handler }) => handler), ...boot.map(({ call }) => functionOf(call))];
}

function functionOf(call: string): string {
  return /^\w+/.exec(call)![0];
}
