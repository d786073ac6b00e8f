import type { ProfileTree, Report } from '../model/report.js';
import { cleanReport } from './clean.js';

/**
 * V8's own format, for Chrome DevTools and editors. Its samples are those of the report's timeline, where samples in one place that follow
 * one another are one; hit counts are those of the whole window. Ends in a line feed.
 */
export function renderCpuProfile(raw: Report): string {
  const report = cleanReport(raw);
  const tree = report.profile ?? { intervalUs: 0, totalSamples: 0, nodes: [], timeline: { startS: 0, nodes: [], us: [] } };
  const { startS, nodes: order, us } = tree.timeline;
  const startUs = Math.round(report.window.startUs + startS * 1e6);
  const profile = {
    nodes: nodesOf(tree),
    startTime: startUs,
    endTime: startUs + us.reduce((sum, one) => sum + one, 0),
    samples: order.map(idOf),
    // A delta says when its sample was taken, counted from the one before.
    timeDeltas: order.map((_, i) => us[i - 1] ?? 0),
  };
  return `${JSON.stringify(profile)}\n`;
}

const ROOT_ID = 1;

function idOf(index: number): number {
  return index + ROOT_ID + 1;
}

/** Readers want one root, called "(root)", and lines counted from 0. */
function nodesOf({ nodes }: ProfileTree): object[] {
  const children = new Map<number, number[]>();
  for (const [i, { parent }] of nodes.entries()) children.set(parent, [...(children.get(parent) ?? []), idOf(i)]);
  const root = { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };
  return [
    { id: ROOT_ID, callFrame: root, hitCount: 0, children: children.get(-1) ?? [] },
    ...nodes.map((node, i) => ({
      id: idOf(i),
      callFrame: { functionName: node.function, scriptId: '0', url: node.file, lineNumber: node.line - 1, columnNumber: -1 },
      hitCount: node.self,
      children: children.get(i) ?? [],
    })),
  ];
}
