import type { Fact } from '../model/fact.js';
import type { SourceLocation } from '../model/recording.js';
import { ledgerContext } from './ledgers.js';
import { heaviestSite } from './sites.js';
import { ascending, quantile } from './stats.js';
import { window } from './window.js';

export interface Downstream {
  dest: string;
  calls: number;
  failed: number;
  /** Of requests that called it at all, the mean number of calls. */
  perRequest: number;
  p10Ms: number;
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
  location: SourceLocation | null;
}

/** Outgoing HTTP and hand-written protocols by destination ("http://tax:8080", "tcp://10.0.0.7:9000"), slowest in sum first. */
export const downstreams: Fact<readonly Downstream[]> = {
  id: 'downstreams',
  compute(recording, get) {
    const { startUs, endUs } = get(window);
    const traced = recording.documents.processes.some((process) => process.features['owners']) || recording.streams.waits.rows > 0;
    if (!traced)
      return { ok: false, because: 'outgoing calls were not recorded', enable: 'record with --depth standard and a Node.js target' };
    const byDest = new Map<string, { durationMs: number; site: number; failed: boolean; caller: string }[]>();
    for (const wait of get(ledgerContext).waits.all) {
      if ((wait.kind !== 'http' && wait.kind !== 'net') || wait.endUs < startUs || wait.startUs >= endUs) continue;
      const call = {
        durationMs: (wait.endUs - wait.startUs) / 1000,
        site: wait.site,
        failed: wait.failed,
        caller: `${wait.proc} ${wait.owner}`,
      };
      const list = byDest.get(wait.dest);
      if (list) list.push(call);
      else byDest.set(wait.dest, [call]);
    }
    const value = [...byDest].map(([dest, calls]) => {
      const ms = ascending(calls.map((call) => call.durationMs));
      return {
        dest,
        calls: calls.length,
        failed: calls.filter((call) => call.failed).length,
        perRequest: calls.length / new Set(calls.map((call) => call.caller)).size,
        p10Ms: quantile(ms, 0.1),
        p50Ms: quantile(ms, 0.5),
        p90Ms: quantile(ms, 0.9),
        p99Ms: quantile(ms, 0.99),
        location: heaviestSite(
          recording,
          calls,
          (call) => call.site,
          (call) => call.durationMs,
        ),
      };
    });
    return { ok: true, value: value.sort((a, b) => b.p50Ms * b.calls - a.p50Ms * a.calls || (a.dest < b.dest ? -1 : 1)) };
  },
};
