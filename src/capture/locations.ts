import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LEAST_UPPER_BOUND, originalPositionFor, sourceContentFor, TraceMap } from '@jridgewell/trace-mapping';
import type { SourceLocation } from '../model/recording.js';
import type { RawFrame } from '../model/wire.js';

/** Turns positions in running code into positions in the code that somebody wrote. */
export interface Locator {
  /** Announces source maps that only the running process knows (code compiled on the fly). */
  addScript(url: string, sourceMapUrl: string): void;
  locate(frame: RawFrame): SourceLocation;
  /** The source line for a generated line of the same script; the line itself where there is no map. */
  line(url: string, line: number, column: number): number;
  /** A file of the target's own that was loaded. */
  addModule(url: string): void;
  /** The user's files of which they were made, as locations name them. */
  ownFiles(): string[];
  /** Text of a located file, from the disk or else from its source map; empty where neither has it. */
  linesOf(location: Pick<SourceLocation, 'file'>): readonly string[];
}

interface Script {
  map: TraceMap | null;
  path: string | null;
}

const LARGEST_MAP_BYTES = 64 << 20;
const LARGEST_FILE_BYTES = 2 << 20;

/** `cwd`: the target's; files below it are shown relative to it. `probe`: ours, which is nobody's code there. */
export function createLocator(cwd: string, probe: string): Locator {
  const scripts = new Map<string, Script>();
  const paths = new Map<string, string>();
  const contents = new Map<string, string>();
  const announced = new Map<string, string>();
  const modules = new Set<string>();

  // Stacks name CommonJS files by path, profiles by URL: one script, one key.
  const scriptOf = (url: string): Script => {
    const path = pathFromUrl(url);
    const key = path ?? url;
    const known = scripts.get(key);
    if (known) return known;
    const script = { path, map: path && !isDependency(path) ? loadMap(path, announced.get(key)) : null };
    scripts.set(key, script);
    return script;
  };
  const shown = (path: string): string => {
    const below = relative(cwd, path);
    const file = below !== '' && !below.startsWith('..') && !isAbsolute(below) ? below : path;
    const portable = file.split(sep).join('/');
    paths.set(portable, path);
    return portable;
  };
  const original = (script: Script, line: number, column: number): { path: string; line: number; column: number } | null => {
    if (!script.map || !script.path || line < 1) return null;
    const position = { line, column: Math.max(0, column - 1) };
    const at = originalPositionFor(script.map, position);
    // A line's first mapping begins where its indentation ends.
    const found = at.source === null ? originalPositionFor(script.map, { ...position, bias: LEAST_UPPER_BOUND }) : at;
    if (found.source === null) return null;
    const path = pathOfSource(found.source, script.path, cwd);
    const content = sourceContentFor(script.map, found.source);
    if (content) contents.set(path, content);
    return { path, line: found.line, column: found.column + 1 };
  };

  return {
    addScript(url, sourceMapUrl) {
      const key = pathFromUrl(url) ?? url;
      announced.set(key, sourceMapUrl);
      scripts.delete(key);
    },
    addModule(url) {
      if (pathFromUrl(url) !== probe) modules.add(url);
    },
    ownFiles() {
      const files = [...modules].flatMap((url) => {
        const { map, path } = scriptOf(url);
        if (path === null || isDependency(path)) return [];
        if (map === null) return [shown(path)];
        return map.sources.flatMap((source) => {
          const own = source === null ? null : pathOfSource(source, path, cwd);
          if (own === null || isDependency(own)) return [];
          const content = sourceContentFor(map, source!);
          if (content) contents.set(own, content);
          return [shown(own)];
        });
      });
      return [...new Set(files)];
    },
    locate({ function: name, url, line, column }) {
      const fn = name === '' ? '(anonymous)' : name;
      if (url === '') return { file: '', line: 0, function: fn, source: 'native' };
      if (pathFromUrl(url) === probe) return { file: 'ddx', line, column, function: fn, source: 'native' };
      if (isNodeInternal(url)) return { file: url, line, column, function: fn, source: 'node' };
      const script = scriptOf(url);
      const found = original(script, line, column);
      const path = found?.path ?? script.path;
      if (!path) return { file: url, line, column, function: fn, source: 'native' };
      const position = found ?? { line, column };
      return {
        file: shown(path),
        line: position.line,
        column: position.column,
        function: fn,
        source: isDependency(path) ? 'dependency' : 'app',
      };
    },
    line: (url, line, column) => original(scriptOf(url), line, column)?.line ?? line,
    linesOf({ file }) {
      const path = paths.get(file);
      const text = path === undefined ? '' : (readText(path) ?? contents.get(path) ?? '');
      return text === '' ? [] : text.split(/\r?\n/);
    },
  };
}

/** Maps name sources by path, by URL, or in a namespace of the bundler: "webpack://shop/./src/cart.ts". */
function pathOfSource(source: string, scriptPath: string, cwd: string): string {
  const bundled = /^webpack(?:-internal)?:\/\/[^/]*\/(.*)$/.exec(source);
  if (bundled) return resolve(cwd, bundled[1]!);
  return source.startsWith('file:') ? fileURLToPath(source) : resolve(dirname(scriptPath), source);
}

function isNodeInternal(url: string): boolean {
  return url.startsWith('node:') || url.startsWith('internal/') || url.startsWith('evalmachine.');
}

function isDependency(path: string): boolean {
  return path.split(/[\\/]/).includes('node_modules');
}

function pathFromUrl(url: string): string | null {
  try {
    // Loaders add queries ("?tsx-namespace=..."); the file is what precedes them.
    if (url.startsWith('file:')) return fileURLToPath(url.replace(/[?#].*$/, ''));
  } catch {
    return null;
  }
  return isAbsolute(url) ? url.replace(/\?.*$/, '') : null;
}

function loadMap(path: string, announced: string | undefined): TraceMap | null {
  try {
    const reference = announced || referenceIn(path);
    if (!reference) return null;
    if (reference.startsWith('data:')) return new TraceMap(inlineMap(reference), path);
    const file = reference.startsWith('file:') ? fileURLToPath(reference) : resolve(dirname(path), decodeURI(reference));
    const text = readFileSync(file, 'utf8');
    return text.length > LARGEST_MAP_BYTES ? null : new TraceMap(text, file);
  } catch {
    // No map, or one that can't be read: the running code's own positions are shown.
    return null;
  }
}

function referenceIn(path: string): string | null {
  const text = readText(path) ?? '';
  const last = text.lastIndexOf('sourceMappingURL=');
  return last < 0 ? null : (/^sourceMappingURL=(\S+)/.exec(text.slice(last))?.[1] ?? null);
}

function readText(path: string): string | null {
  try {
    return statSync(path).size > LARGEST_FILE_BYTES ? null : readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function inlineMap(dataUrl: string): string {
  const comma = dataUrl.indexOf(',');
  const body = dataUrl.slice(comma + 1);
  return dataUrl.slice(0, comma).endsWith(';base64') ? Buffer.from(body, 'base64').toString('utf8') : decodeURIComponent(body);
}
