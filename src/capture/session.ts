import type { Collecting } from '../collect/collect.js';
import type { LoadSummary } from '../load/load.js';
import type { SessionDocument } from '../model/recording.js';
import type { Intake } from './intake.js';
import type { RecordOptions, Watched } from './options.js';
import { logWithoutSecrets, routeWithoutSecrets } from './secrets.js';

export interface SessionOf {
  options: RecordOptions;
  target: Watched;
  collecting: Collecting;
  /** Processes whose probe records. */
  probes: number;
  /** Why none does. */
  probeAbsent: string | null;
  /** When the load, or without one the recording, began; and when the warm-up was over. */
  beganUs: number;
  warmUs: number;
}

export interface SessionEnd {
  end: SessionDocument['end'];
  endUs: number;
  intakes: readonly Intake[];
  dropped: SessionDocument['dropped'];
  summary: LoadSummary | null;
}

/** How the session went. One that ended in its warm-up is judged by that: better than by nothing. */
export function sessionDocument(
  { options, target, collecting, probes, probeAbsent, beganUs, warmUs }: SessionOf,
  { end, endUs, intakes, dropped, summary }: SessionEnd,
): SessionDocument {
  const windowStartUs = endUs > warmUs ? warmUs : beganUs;
  return {
    windowStartUs,
    windowEndUs: Math.max(windowStartUs, endUs),
    load: describeLoad(options),
    dropped: allDropped(dropped, intakes),
    end,
    targetExit: end === 'target-exit' ? target.exit() : null,
    stderrTail: end === 'target-exit' ? (target.stderrTail() ?? []).map(logWithoutSecrets) : [],
    limits: collecting.limits(),
    sources: [probeSource(options, probes, probeAbsent), ...collecting.sources],
    probeShare: probeShare(intakes, endUs),
    generatorLag: summary ? { p50Us: summary.lagP50Us, p99Us: summary.lagP99Us } : null,
  };
}

function describeLoad(options: RecordOptions): SessionDocument['load'] {
  if (!options.load) return null;
  const { arrivals, requests } = options.load;
  return {
    kind: arrivals.kind === 'closed' ? 'closed' : 'open',
    ratePerS: arrivals.kind === 'open' ? arrivals.ratePerS : null,
    connections: arrivals.kind === 'closed' ? arrivals.connections : null,
    routes: [...new Set(requests.map(({ route }) => routeWithoutSecrets(route)))],
  };
}

function probeSource({ depth }: RecordOptions, probes: number, absent: string | null): SessionDocument['sources'][number] {
  if (probes > 0) return { name: 'probe', active: true };
  return { name: 'probe', active: false, because: depth === 'outside' ? 'the depth asked for is "outside"' : (absent ?? 'it ended') };
}

function allDropped(own: SessionDocument['dropped'], intakes: readonly Intake[]): SessionDocument['dropped'] {
  const sum = { ...own };
  for (const { dropped } of intakes) {
    for (const stream of Object.keys(dropped) as (keyof typeof dropped)[]) sum[stream] = (sum[stream] ?? 0) + (dropped[stream] ?? 0);
  }
  return sum;
}

/** Mean over the processes that said goodbye; one that crashed could not. */
function probeShare(intakes: readonly Intake[], endUs: number): number {
  const selfUs = intakes.map((intake) => intake.selfUs).filter((us) => us >= 0);
  return selfUs.length > 0 ? selfUs.reduce((sum, us) => sum + us, 0) / selfUs.length / Math.max(1, endUs) : -1;
}
