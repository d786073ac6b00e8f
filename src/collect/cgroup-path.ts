import { posix } from 'node:path';

/** Where the control files of one controller lie: the process's own group first, then its ancestors up to the mount. */
export interface GroupChain {
  version: 1 | 2;
  dirs: string[];
}

export interface CgroupMount {
  version: 1 | 2;
  /** The part of the hierarchy that is mounted: "/" or, in a container without its own cgroup namespace, "/docker/1f3c...". */
  root: string;
  mountPoint: string;
  controllers: string[];
}

/** The cgroup lines of /proc/self/mountinfo (man 5 proc; octal escapes for spaces). */
export function parseMounts(mountinfo: string): CgroupMount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [left, right] = line.split(' - ');
    const [, , , root, mountPoint] = (left ?? '').split(' ');
    const [type, , options] = (right ?? '').split(' ');
    if (!root || !mountPoint || (type !== 'cgroup' && type !== 'cgroup2')) return [];
    const version = type === 'cgroup' ? (1 as const) : (2 as const);
    return [{ version, root: unescaped(root), mountPoint: unescaped(mountPoint), controllers: options?.split(',') ?? [] }];
  });
}

/** /proc/PID/cgroup: controller to path; the unified hierarchy (v2) has the key "". */
export function parseCgroups(text: string): Map<string, string> {
  const paths = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    for (const controller of match?.[1]?.split(',') ?? []) paths.set(controller, match![2]!);
  }
  return paths;
}

/** On a hybrid machine a controller lives in exactly one hierarchy: v1 where it is mounted there, else v2. Null: mounted nowhere. */
export function groupChain(controller: string, mounts: readonly CgroupMount[], groups: ReadonlyMap<string, string>): GroupChain | null {
  const v1 = mounts.find((mount) => mount.version === 1 && mount.controllers.includes(controller));
  const path = v1 ? groups.get(controller) : groups.get('');
  const mount = v1 ?? mounts.find(({ version }) => version === 2);
  if (!mount || path === undefined) return null;
  return { version: mount.version, dirs: ancestors(mount.mountPoint, below(mount.root, path)) };
}

/** A path outside of what is mounted ("/../..": another cgroup namespace) leaves the mount itself as the nearest thing visible. */
function below(root: string, path: string): string {
  if (path.startsWith('/..')) return '';
  const relative = posix.relative(root, path);
  return relative.startsWith('..') ? '' : relative;
}

function ancestors(mountPoint: string, relative: string): string[] {
  const parts = relative.split('/').filter(Boolean);
  return Array.from({ length: parts.length + 1 }, (_, up) => posix.join(mountPoint, ...parts.slice(0, parts.length - up)));
}

function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
