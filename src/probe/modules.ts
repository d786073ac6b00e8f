import { sep } from 'node:path';
import { builtin } from './builtin.js';
import { guarded } from './state.js';
import { type Fn, replace } from './wrap.js';

/** What to do with a CommonJS module of somebody's package. Imported or required, it is one and the same object. */
export interface ModulePatch {
  /** Matches its path from the package's name on: "pg/lib/client". */
  readonly file: RegExp;
  apply(exports: unknown): void;
}

interface Loaded {
  exports?: unknown;
}

/** Packages that tell their own waits, as the beginnings of their files' paths. */
const patched = new Set<string>();

/** Whether a file belongs to a package that was patched: what it writes on its connections is known better than from the bytes. */
export function isPatched(file: string): boolean {
  for (const folder of patched) if (file.startsWith(folder)) return true;
  return false;
}

/**
 * Applies patches to modules that the target has loaded, and to those it loads later. Undone by `restoreAll`. Drivers are CommonJS also
 * where the target is not; one that is bundled into the target, or made of ES modules alone, stays unseen.
 */
export function patchModules(patches: readonly ModulePatch[]): void {
  const { _cache: cache = {}, prototype } = builtin<{ _cache?: Record<string, Loaded | undefined>; prototype: object }>('module');
  // Launchers load thousands of modules and none of these.
  const any = new RegExp(patches.map(({ file }) => file.source).join('|'));
  const patch = guarded((path: string, exports: unknown) => {
    if (!any.test(path)) return;
    for (const { file, apply } of patches) {
      if (!file.test(path)) continue;
      apply(exports);
      patched.add(path.replace(file, (_, name: string) => `${sep}${name}${sep}`));
    }
  });
  for (const path of Object.keys(cache)) patch(path, cache[path]?.exports);
  replace(prototype, 'load', (original) => {
    const load: Fn = function (...args) {
      const result = Reflect.apply(original, this, args);
      patch(String(args[0]), (this as Loaded).exports);
      return result;
    };
    return load;
  });
}

/** "pg/lib/client" as a path below any node_modules, or in a workspace. Its group is the package's name. */
export function packageFile(path: string): RegExp {
  const parts = path.split('/');
  const name = parts.splice(0, path.startsWith('@') ? 2 : 1);
  return new RegExp(`[\\\\/](${name.join(SEPARATOR)})${SEPARATOR}${parts.join(SEPARATOR)}\\.c?js$`);
}

const SEPARATOR = '[\\\\/]';

/** The prototype of a class that a module exports, by itself or under a name. */
export function prototypeOf(exports: unknown, name: string): object | null {
  const held = exports as Record<string, unknown> | undefined;
  const found = typeof exports === 'function' ? exports : (held?.[name] ?? held?.['default']);
  return typeof found === 'function' ? ((found as { prototype?: object }).prototype ?? null) : null;
}
