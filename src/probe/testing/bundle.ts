import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');

/** The probe as it is shipped, built from the sources as they are now; built once per state of the sources. */
export function probeBundle(): string {
  const sources = resolve(root, 'src/probe');
  const hash = createHash('sha1');
  for (const file of (readdirSync(sources, { recursive: true }) as string[]).sort())
    if (/(?<!\.test)\.ts$/.test(file)) hash.update(readFileSync(join(sources, file)));
  const folder = resolve(root, 'node_modules/.cache/ddx-probe', hash.digest('hex').slice(0, 16));
  const bundle = join(folder, 'preload.cjs');
  if (existsSync(bundle)) return bundle;
  const building = `${folder}.${process.pid}`;
  const env = { ...process.env, DDX_PROBE_OUT: building };
  const { status, stderr } = spawnSync(process.execPath, [resolve(root, 'scripts/build.mjs'), 'probe'], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the probe does not build: ${stderr}`);
  try {
    renameSync(building, folder);
  } catch {
    // Another test file was faster.
    rmSync(building, { recursive: true, force: true });
  }
  return bundle;
}
