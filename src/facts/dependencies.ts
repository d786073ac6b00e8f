import type { Fact } from '../model/fact.js';
import { ledgerContext } from './ledgers.js';
import { ascending, grouped, quantile } from './stats.js';
import { window } from './window.js';

/** Another process, or service, that the target asked over a connection. */
export interface Dependency {
  /** "postgres://127.0.0.1:5432/shop", "http://tax:8080". */
  dest: string;
  kind: 'http' | 'net' | 'db' | 'cache' | 'queue';
  /** Index of the process that asked. */
  proc: number;
  calls: number;
  failed: number;
  p50Ms: number;
  p99Ms: number;
  /** All of them together, seconds. */
  sumS: number;
}

const KINDS: Readonly<Record<string, Dependency['kind']>> = {
  http: 'http',
  net: 'net',
  'db/execute': 'db',
  'cache/execute': 'cache',
  queue: 'queue',
};

/** Whom the target asks, by process and destination, those that took most time first. */
export const dependencies: Fact<readonly Dependency[]> = {
  id: 'dependencies',
  compute(_, get) {
    const { startUs, endUs } = get(window);
    const calls = get(ledgerContext).waits.all.filter(
      (wait) => wait.dest !== '' && Object.hasOwn(KINDS, wait.kind) && wait.endUs >= startUs && wait.startUs < endUs,
    );
    // Behind the server's address stands what it was asked, which differs from call to call.
    const groups = grouped(calls, ({ proc, kind, dest }) => `${proc} ${KINDS[kind]} ${dest.split(' ', 1)[0]}`);
    const value = [...groups].map(([key, list]): Dependency => {
      const [proc = '', kind = '', dest = ''] = key.split(' ');
      const ms = ascending(list.map((call) => (call.endUs - call.startUs) / 1000));
      return {
        dest,
        kind: kind as Dependency['kind'],
        proc: Number(proc),
        calls: list.length,
        failed: list.filter(({ failed, refused }) => failed || refused).length,
        p50Ms: quantile(ms, 0.5),
        p99Ms: quantile(ms, 0.99),
        sumS: ms.reduce((sum, each) => sum + each, 0) / 1000,
      };
    });
    return { ok: true, value: value.sort((a, b) => b.sumS - a.sumS || (a.dest < b.dest ? -1 : 1)) };
  },
};
