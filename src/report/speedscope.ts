import { ACCOUNT_NAMES } from '../model/account-names.js';
import type { ProfileTree, Report } from '../model/report.js';
import { cleanReport } from './clean.js';

interface Frame {
  name: string;
  file?: string;
  line?: number;
}

/**
 * For speedscope.app: the CPU profile in the order of time (as much as the report's timeline holds), the whole of it aggregated, and the
 * wall time of slow requests by route, account and detail, which no CPU profile can show. Ends in a line feed.
 */
export function renderSpeedscope(raw: Report): string {
  const report = cleanReport(raw);
  const frames = new Frames();
  const profiles = [...(report.profile ? cpuProfiles(report.profile, frames) : []), wallProfile(report, frames)];
  const file = {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: `ddx@${report.ddx.version}`,
    name: `${report.target.command} (${report.verdict})`,
    activeProfileIndex: 0,
    shared: { frames: frames.all },
    profiles,
  };
  return `${JSON.stringify(file)}\n`;
}

class Frames {
  readonly all: Frame[] = [];
  private readonly known = new Map<string, number>();

  index(frame: Frame): number {
    const key = JSON.stringify([frame.name, frame.file, frame.line]);
    const index = this.known.get(key) ?? this.all.push(frame) - 1;
    this.known.set(key, index);
    return index;
  }
}

function cpuProfiles({ nodes, intervalUs, timeline }: ProfileTree, frames: Frames): object[] {
  const stacks: number[][] = [];
  for (const node of nodes) {
    const frame = { name: node.function, ...(node.file === '' ? {} : { file: node.file }), ...(node.line > 0 ? { line: node.line } : {}) };
    stacks.push([...(stacks[node.parent] ?? []), frames.index(frame)]);
  }
  const busy = nodes.flatMap(({ self }, i) => (self > 0 ? [{ stack: stacks[i]!, weight: self * intervalUs }] : []));
  return [
    sampled(
      'CPU profile in the order of time',
      'microseconds',
      Array.from(timeline.nodes, (node, i) => ({ stack: stacks[node] ?? [], weight: timeline.us[i] ?? 0 })),
    ),
    sampled('CPU profile, whole window', 'microseconds', busy),
  ];
}

/** Milliseconds of a bucket's mean request, times its requests. */
function wallProfile({ ledger }: Report, frames: Frames): object {
  const { overall: _, ...routes } = ledger;
  const samples = Object.entries(routes).flatMap(([route, { p99 }]) =>
    (p99?.accounts ?? []).map(({ account, detail, ms }) => ({
      stack: [route, ACCOUNT_NAMES[account] ?? account, ...(detail === undefined ? [] : [detail])].map((name) => frames.index({ name })),
      weight: ms * p99!.requests,
    })),
  );
  return sampled('Wall time of the slowest 1 % of each route, by account', 'milliseconds', samples);
}

function sampled(name: string, unit: 'microseconds' | 'milliseconds', samples: readonly { stack: number[]; weight: number }[]): object {
  const weights = samples.map(({ weight }) => weight);
  return {
    type: 'sampled',
    name,
    unit,
    startValue: 0,
    endValue: weights.reduce((sum, weight) => sum + weight, 0),
    samples: samples.map(({ stack }) => stack),
    weights,
  };
}
