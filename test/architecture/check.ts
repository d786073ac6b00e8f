import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { type Import, type Parsed, parse } from './source.js';
import { BROWSER_PACKAGES, LAYERS, type Layer, MAX_LINES, MAX_RULE_LINES, RULE, SCENARIO } from './table.js';

/** Paths relative to the repository, with slashes. */
export type Files = ReadonlyMap<string, string>;

interface Place {
  readonly kind: 'layer' | 'errors' | 'rule' | 'scenario' | 'index' | 'test' | 'script';
  /** Layer name, or the folder of a rule. */
  readonly name: string;
}

/** Every sentence begins with "path:line". Empty where all is as it should be. */
export function violations(files: Files): string[] {
  const found: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [path, text] of files) {
    found.push(...sizeAndName(path, text));
    const parsed = parse(path, text);
    // A circle of types alone is gone when the code runs.
    const edges = parsed.imports.filter(({ typeOnly }) => !typeOnly).map(({ specifier }) => resolve(path, specifier, files));
    graph.set(
      path,
      edges.filter((target) => target !== null),
    );
    for (const one of parsed.imports) {
      const complaint = importComplaint(path, one, resolve(path, one.specifier, files));
      if (complaint) found.push(`${path}:${one.line} ${complaint}`);
    }
    found.push(...impurities(path, parsed));
  }
  return [...found, ...cycles(graph)].sort();
}

export function placeOf(path: string): Place {
  const parts = path.split('/');
  if (/\.test\.tsx?$/.test(path) || parts[0] === 'test' || /(^|\/)testing(\/|\.ts$)/.test(path)) return { kind: 'test', name: parts[0]! };
  if (path === 'src/errors.ts') return { kind: 'errors', name: 'errors' };
  if (parts[0] === 'src') return { kind: 'layer', name: parts[1]! };
  if (path === 'rules/index.ts' || path === 'rules/scenarios.ts') return { kind: 'index', name: path };
  if (parts[0] === 'rules') return { kind: parts[3] === 'rule.ts' ? 'rule' : 'scenario', name: parts.slice(0, 3).join('/') };
  return { kind: 'script', name: parts[0]! };
}

function importComplaint(path: string, { specifier, typeOnly }: Import, target: string | null): string | null {
  const from = placeOf(path);
  if (from.kind === 'test' || from.kind === 'script') return null;
  const layer = layerOf(from);
  if (!layer) return `${from.name} is no folder of the import table (test/architecture/table.ts)`;
  if (target === null) return specifier.startsWith('.') ? null : outsideComplaint(from, layer, specifier);

  const to = placeOf(target);
  if (to.kind === 'test') return `code that ships must not import test code (${target})`;
  if (to.kind === 'script') return `${from.name} must not import ${target}`;
  if (from.kind === 'index') return indexComplaint(from.name, to, target);
  if (to.kind === 'index') return layer.imports.includes(target) ? null : `only src/cli may import ${target}`;
  if (to.kind === 'rule') return `${from.name} must not import ${target}: rules are known to rules/index.ts alone`;
  if (to.kind === 'scenario') return from.kind === 'scenario' && from.name === to.name ? null : `${from.name} must not import ${target}`;
  if (to.kind === 'errors') return layer.errors || from.kind === 'errors' ? null : `${from.name} must not import src/errors.ts`;
  if (from.kind === 'layer' && from.name === to.name) return null;
  if (!layer.imports.includes(to.name)) return `${from.name} must not import ${to.name} (${target})`;
  return layer.typesOnly && !typeOnly ? `${from.name} may import only types from ${to.name}` : null;
}

/** The two lists: of rules, and of scenarios. */
function indexComplaint(path: string, to: Place, target: string): string | null {
  const [kind, layer, what] = path === 'rules/index.ts' ? ['rule', 'model', 'rules'] : ['scenario', 'lab', 'scenarios'];
  return to.kind === kind || to.name === layer ? null : `${path} lists ${what} only, not ${target}`;
}

function layerOf(place: Place): Layer | undefined {
  if (place.kind === 'rule') return RULE;
  if (place.kind === 'scenario') return SCENARIO;
  if (place.kind === 'errors' || place.kind === 'index') return { imports: ['model'], outside: 'nothing' };
  return LAYERS[place.name];
}

function outsideComplaint(from: Place, { outside }: Layer, specifier: string): string | null {
  if (outside === 'anything') return null;
  const isNode = specifier.startsWith('node:') || builtinModules.includes(specifier);
  if (outside === 'node only' && isNode) return null;
  if (outside === 'browser packages' && BROWSER_PACKAGES.some((name) => specifier === name || specifier.startsWith(`${name}/`)))
    return null;
  return `${from.name} must not import ${specifier}: ${outside === 'nothing' ? 'it imports nothing from outside' : outside}`;
}

function impurities(path: string, { impurities: places }: Parsed): string[] {
  const place = placeOf(path);
  const isPure = (place.kind === 'layer' || place.kind === 'rule') && layerOf(place)?.pure;
  return isPure ? places.map(({ what, line }) => `${path}:${line} ${what} in the pure core`) : [];
}

function sizeAndName(path: string, text: string): string[] {
  const lines = text.trimEnd().split('\n').length;
  const limit = path.endsWith('/rule.ts') ? MAX_RULE_LINES : MAX_LINES;
  const name = posix.basename(path).split('.')[0]!;
  return [
    ...(lines > limit ? [`${path}:${lines} longer than ${limit} lines`] : []),
    ...(/^(utils?|helpers?)$/i.test(name) ? [`${path}:1 say what it holds instead of "${name}"`] : []),
  ];
}

/** The file of `files` that a relative import means; null for packages, and for what is no TypeScript. */
function resolve(path: string, specifier: string, files: Files): string | null {
  if (!specifier.startsWith('.')) return null;
  const target = posix.join(posix.dirname(path), specifier);
  const stem = target.replace(/\.(js|jsx|ts|tsx)$/, '');
  return [target, `${stem}.ts`, `${stem}.tsx`].find((candidate) => files.has(candidate)) ?? null;
}

function cycles(graph: ReadonlyMap<string, string[]>): string[] {
  const found: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const trail: string[] = [];
  const visit = (path: string) => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      found.push(`${path}:1 imports itself: ${[...trail.slice(trail.indexOf(path)), path].join(' -> ')}`);
      return;
    }
    state.set(path, 'open');
    trail.push(path);
    for (const target of graph.get(path) ?? []) visit(target);
    trail.pop();
    state.set(path, 'done');
  };
  for (const path of graph.keys()) visit(path);
  return found;
}
