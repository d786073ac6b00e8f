import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { truthsOf } from '../judge.js';
import type { Materialised } from '../scenario.js';
import type { ToolRun } from '../score-book.js';
import { underLoad } from './under-load.js';

/** What of the V8 profile format is read here: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

const FOLDER = 'cpuprofile';
/** Node writes the profile when it exits by itself, not when a signal ends it. */
const EXIT_ON_TERM = "data:text/javascript,process.once('SIGTERM',()=>process.exit())";

/** `node --cpu-prof`: its answer is the function with most self time, as a flame graph shows it. Of a healthy server it names one too, and means nothing by it. */
export async function askCpuProfile(member: Materialised): Promise<Pick<ToolRun, 'outcome' | 'said'>> {
  const [, ...args] = member.direct;
  const command = [process.execPath, '--cpu-prof', `--cpu-prof-dir=${FOLDER}`, '--import', EXIT_ON_TERM, ...args];
  const tool = await underLoad(member, { command, env: {}, signal: 'SIGTERM', withinMs: 20_000 });
  const profile = mainThreadProfile(join(member.cwd, FOLDER));
  if (!profile) return { outcome: 'failed', said: `no profile was written; ${tool.stderr().slice(-300)}` };
  const top = topFunction(profile);
  return { outcome: isGuilty(top, member) ? 'right' : 'wrong', said: `${top.name} ${placeOf(top.url, member.cwd)}`.trim() };
}

export interface TopFunction {
  name: string;
  url: string;
  /** Of the time in which anything ran. */
  share: number;
}

/** Most self time, idleness left out. What Node and native code do is laid at the door of the nearest function with a file of its own. */
export function topFunction({ nodes, samples, timeDeltas }: CpuProfile): TopFunction {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const ownerOf = (id: number): CpuProfile['nodes'][number] | undefined => {
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      if (byId.get(at)?.callFrame.url.startsWith('file:')) return byId.get(at);
    }
    return byId.get(id);
  };
  const self = new Map<string, { name: string; url: string; us: number }>();
  let busyUs = 0;
  samples.forEach((id, i) => {
    if (NOT_WORK.has(byId.get(id)?.callFrame.functionName ?? '(idle)')) return;
    const { functionName, url, lineNumber } = ownerOf(id)!.callFrame;
    const key = `${functionName} ${url}:${lineNumber}`;
    const entry = self.get(key) ?? { name: functionName || '(anonymous)', url, us: 0 };
    entry.us += timeDeltas[i] ?? 0;
    busyUs += timeDeltas[i] ?? 0;
    self.set(key, entry);
  });
  const [top] = [...self.values()].sort((a, b) => b.us - a.us);
  return top ? { name: top.name, url: top.url, share: busyUs > 0 ? top.us / busyUs : 0 } : { name: '(nothing)', url: '', share: 0 };
}

const NOT_WORK = new Set(['(idle)', '(program)', '(root)']);

/** Generous: a function anywhere in a guilty file will do, whatever the compiler made of its lines; so will the collector, of a memory illness. */
function isGuilty({ name, url }: TopFunction, member: Materialised): boolean {
  return truthsOf(member.truth).some(({ rule, lines }) => {
    if (name === '(garbage collector)') return rule.startsWith('memory/');
    return lines.some(({ file }) => withoutEnding(placeOf(url, member.cwd)).endsWith(withoutEnding(file)));
  });
}

function placeOf(url: string, cwd: string): string {
  const path = url.startsWith('file:') ? fileURLToPath(url.replace(/[?#].*$/, '')) : url;
  return path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
}

const withoutEnding = (file: string): string => file.replace(/\.[cm]?[jt]s$/, '');

/** Files are called CPU.<date>.<time>.<pid>.<thread>.<sequence>.cpuprofile; npm-free, the only process writes them all. */
function mainThreadProfile(dir: string): CpuProfile | null {
  try {
    const [file] = readdirSync(dir).filter((name) => /\.0\.\d+\.cpuprofile$/.test(name));
    return file ? (JSON.parse(readFileSync(join(dir, file), 'utf8')) as CpuProfile) : null;
  } catch {
    return null;
  }
}
