import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CpuQuota, createCpuQuota } from './cpu-quota.js';
import { printed, type Running, startProcess } from './processes.js';
import type { Materialised } from './scenario.js';
import type { Service } from './services/service.js';
import { startService } from './services/start.js';

/** The outside of a scenario while it runs: databases and brokers, downstream services, neighbours, a cgroup. */
export interface Surroundings {
  /** The scenario's command, wrapped so that it runs inside the quota where there is one. */
  command: string[];
  /** The target's environment with the addresses of its downstreams. */
  env: Record<string, string>;
  close(): Promise<void>;
}

/** Preloaded into companions: they must not outlive a lab that was killed. */
const ENDS_WITH_US = 'data:text/javascript,const lab=process.ppid;setInterval(()=>process.ppid===lab||process.exit(),1000).unref()';

/** `node`: the program called "node" by the scenario's command; default: the first one in PATH. */
export async function openSurroundings(member: Materialised, node?: string): Promise<Surroundings> {
  const env: Record<string, string> = { ...member.env, ...(node ? { PATH: `${dirname(node)}${delimiter}${process.env.PATH}` } : {}) };
  const started: Running[] = [];
  const services: Service[] = [];
  let quota: CpuQuota | null = null;
  const close = async () => {
    await Promise.all([...started, ...services].map((running) => running.stop()));
    await quota?.remove();
  };
  try {
    if (member.build) buildOnce(member.build, member.cwd);
    for (const name of member.services) {
      const service = await startService(name);
      services.push(service);
      env[`${name.toUpperCase()}_URL`] = service.url;
    }
    for (const companion of member.companions) {
      for (let i = 0; i < (companion.count ?? 1); i++) {
        const running = startProcess([process.execPath, '--import', ENDS_WITH_US, companion.file, ...(companion.args ?? [])], {
          cwd: member.cwd,
          env: { PORT: '0' },
        });
        started.push(running);
        const [, port] = await printed(running, /listening on (\d+)|ready/);
        if (companion.urlEnv) env[companion.urlEnv] = `http://127.0.0.1:${port}`;
      }
    }
    if (member.quotaCores !== null) quota = createCpuQuota(member.quotaCores);
    // Lets neighbours reach their full speed before anything is measured.
    if (started.length > 0) await delay(100);
    const command = withSettings(member);
    return { command: quota ? quota.wrap(command) : command, env, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function buildOnce([name, ...args]: string[], cwd: string): void {
  const { status, stdout, stderr } = spawnSync(name!, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${[name, ...args].join(' ')} failed in ${cwd}\n${stdout}${stderr}`);
}

/** Settings of the target alone (its pool size, say) stand in the command, so that whoever starts it does not run under them too. */
function withSettings({ command, settings }: Materialised): string[] {
  const pairs = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? command : ['env', ...pairs, ...command];
}
