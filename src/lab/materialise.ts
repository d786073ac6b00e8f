import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Draw, drawFrom } from './kit/draw.js';
import { FRAMEWORKS, writeServer } from './kit/frameworks.js';
import { extensionOf, LANGUAGES, type Language, writeModule } from './kit/source.js';
import type { App, Materialised, Route, Scenario, SourceModule, Truth } from './scenario.js';

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

  rmSync(dir, { recursive: true, force: true });
  const lines: Truth['lines'] = [];
  const server: SourceModule = { file: 'server', source: writeServer(app, framework, draw) };
  for (const module of [...app.modules, server]) {
    const file = `${module.file}${extensionOf(language, module.plain)}`;
    const written = writeModule(module.source, language, module.plain);
    write(dir, file, written.text);
    lines.push(...written.causeLines.map((line) => ({ file, line })));
  }
  for (const [file, text] of Object.entries(app.files ?? {})) write(dir, file, text);
  write(dir, 'package.json', packageJson(app, language, start.script));

  return {
    scenario,
    seed,
    sick,
    flavour: [causeOf(scenario, seed), framework, language, start.command.slice(0, 2).join(' ')].filter(Boolean).join(' · '),
    command: start.command,
    cwd: dir,
    env: { PORT: '0' },
    settings: app.env ?? {},
    companions: app.companions ?? [],
    quotaCores: app.quotaCores ?? null,
    load: { ...app.load, paths: requestMix(app.routes, draw) },
    truth: { rule: sick ? scenario.rule : null, lines: sick && scenario.rule !== null ? lines : [] },
  };
}

function causeOf(scenario: Scenario, seed: number): string {
  return scenario.causes[seed % scenario.causes.length] ?? '';
}

function startCommand(app: App, language: Language, draw: Draw): { command: string[]; script: string } {
  const entry = `server${extensionOf(language)}`;
  const nodeArgs = app.nodeArgs ?? [];
  const direct = ['node', ...nodeArgs, ...(language.startsWith('ts') ? ['--import', 'tsx'] : []), entry];
  const script = (language.startsWith('ts') && nodeArgs.length === 0 && draw.chance(0.5) ? ['tsx', entry] : direct).join(' ');
  return { command: draw.chance(0.25) || script.startsWith('tsx') ? ['npm', 'start'] : direct, script };
}

function packageJson(app: App, language: Language, script: string): string {
  const type = language.endsWith('esm') ? 'module' : 'commonjs';
  return `${JSON.stringify({ name: app.name, version: '1.0.0', private: true, type, scripts: { start: script } }, null, 2)}\n`;
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
