import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Draw, drawFrom } from './kit/draw.js';
import { FRAMEWORKS, writeServer } from './kit/frameworks.js';
import { drawNoise } from './kit/noise.js';
import { extensionOf, isCompiled, LANGUAGES, type Language, writeModule } from './kit/source.js';
import type { App, Materialised, Route, Scenario, SourceModule, Truth } from './scenario.js';
import { isService } from './services/start.js';

export interface Member {
  seed: number;
  sick: boolean;
}

/**
 * Writes one member of a family into `dir` (emptied first). `dir` must lie below a folder whose node_modules holds the
 * frameworks: Node looks for packages upwards from the file, for ESM imports too. Same scenario and member: same files.
 */
export function materialise(scenario: Scenario, { seed, sick }: Member, dir: string): Materialised {
  const app = scenario.build(drawFrom(scenario.id, seed), sick);
  // A stream of its own: a change in the family's drawing does not change frameworks and languages of all seeds.
  const draw = drawFrom(scenario.id, seed, 'packaging');
  const framework = draw.pick(FRAMEWORKS);
  const language = draw.pick(LANGUAGES);
  const start = startCommand(app, language, draw);
  const noise = drawNoise(drawFrom(scenario.id, seed, 'noise'));

  rmSync(dir, { recursive: true, force: true });
  const lines: Truth['lines'] = [];
  const packages = new Set<string>(toolsOf(language));
  const server: SourceModule = { file: 'server', source: writeServer(app, framework, draw) };
  for (const module of [...app.modules, server]) {
    const file = `${module.file}${extensionOf(language, module.plain)}`;
    const written = writeModule(module.source, language, module.plain);
    write(dir, file, written.text);
    if (module.plain && isCompiled(language)) write(dir, join(BUILT, file), written.text);
    lines.push(...written.causeLines.map((line) => ({ file, line })));
    for (const name of packagesIn(module.source)) packages.add(name);
  }
  for (const [file, text] of Object.entries({ ...app.files, ...noise?.files })) {
    write(dir, file, text);
    // Built code looks for its data beside itself.
    if (isCompiled(language) && file.includes('/')) write(dir, join(BUILT, file), text);
  }
  if (isCompiled(language)) write(dir, 'tsconfig.json', `${JSON.stringify(TSCONFIG, null, 2)}\n`);
  write(dir, 'package.json', packageJson(app, language, start.script));

  return {
    scenario,
    seed,
    sick,
    flavour: [causeOf(scenario, seed), framework, language, start.command.slice(0, 2).join(' '), noise?.name].filter(Boolean).join(' · '),
    variation: { cause: causeOf(scenario, seed), framework, language, noise: noise?.companion.name ?? 'none' },
    packages: [...packages].sort(),
    build: isCompiled(language) ? ['npm', 'run', '--silent', 'build'] : null,
    command: start.command,
    direct: start.direct,
    cwd: dir,
    env: { PORT: '0' },
    settings: app.env ?? {},
    companions: [...(app.companions ?? []), ...(noise ? [noise.companion] : [])],
    services: [...new Set([...scenario.needs.filter(isService), ...(app.services ?? [])])],
    quotaCores: app.quotaCores ?? null,
    load: { ...app.load, paths: requestMix(app.routes, draw) },
    truth: sick ? truthOf(scenario, app, lines) : { rule: null, lines: [] },
  };
}

/** Folder of the compiled code. */
const BUILT = 'dist';

/** No checks: the scenarios' annotations are as loose as many people's, and only the running code matters. */
const TSCONFIG = {
  compilerOptions: { target: 'es2022', module: 'nodenext', rootDir: '.', outDir: BUILT, sourceMap: true, noCheck: true, types: [] },
  include: ['**/*.ts'],
  exclude: [BUILT, 'node_modules'],
};

function toolsOf(language: Language): string[] {
  if (isCompiled(language)) return ['typescript'];
  return language.startsWith('ts-') ? ['tsx'] : [];
}

/** Names of the packages that a module imports. */
function packagesIn(source: string): string[] {
  const names = [...source.matchAll(/ from '([^.'][^']*)'/g)].map((match) => match[1]!);
  return names.filter((name) => !name.startsWith('node:')).map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'));
}

function truthOf({ rule }: Scenario, { truths }: App, lines: Truth['lines']): Truth {
  if (!truths) return { rule, lines: rule === null ? [] : lines };
  const [first, ...also] = truths.map((one) => ({ rule: one.rule, lines: lines.filter(({ file }) => file.startsWith(`${one.folder}/`)) }));
  return { ...first!, also };
}

function causeOf(scenario: Scenario, seed: number): string {
  return scenario.causes[seed % scenario.causes.length] ?? '';
}

function startCommand(app: App, language: Language, draw: Draw): { command: string[]; direct: string[]; script: string } {
  const isRunByTsx = language.startsWith('ts-');
  const entry = isCompiled(language) ? `${BUILT}/server.js` : `server${extensionOf(language)}`;
  const nodeArgs = [...(app.nodeArgs ?? []), ...(isCompiled(language) && draw.chance(0.5) ? ['--enable-source-maps'] : [])];
  const direct = ['node', ...nodeArgs, ...(isRunByTsx ? ['--import', 'tsx'] : []), entry];
  const script = (isRunByTsx && nodeArgs.length === 0 && draw.chance(0.5) ? ['tsx', entry] : direct).join(' ');
  return { command: draw.chance(0.25) || script.startsWith('tsx') ? ['npm', 'start'] : direct, direct, script };
}

function packageJson(app: App, language: Language, script: string): string {
  const type = language.endsWith('esm') ? 'module' : 'commonjs';
  const scripts = { ...(isCompiled(language) ? { build: 'tsc' } : {}), start: script };
  return `${JSON.stringify({ name: app.name, version: '1.0.0', private: true, type, scripts }, null, 2)}\n`;
}

/** A list to be asked in turn, in which each route stands as often as its weight says. */
function requestMix(routes: readonly Route[], draw: Draw): string[] {
  const mix = routes.flatMap((route) =>
    Array.from({ length: route.weight }, (_, i) => {
      const example = route.examples[i % route.examples.length]!;
      return route.method === 'GET' ? example : `${route.method} ${example}`;
    }),
  );
  return draw.shuffle(mix);
}

function write(dir: string, file: string, text: string): void {
  const path = join(dir, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
