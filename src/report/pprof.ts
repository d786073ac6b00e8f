import { gzipSync } from 'node:zlib';
import { Function as Fn, Line, Location, Profile, Sample, StringTable, ValueType } from 'pprof-format';
import type { Report } from '../model/report.js';
import { cleanReport } from './clean.js';

/**
 * The CPU profile for `go tool pprof` and what reads its format (protobuf, gzip). Aggregated: one sample per place of the call tree. Without
 * a profile in the report a valid file without samples.
 */
export function renderPprof(raw: Report): Uint8Array {
  const { profile, window, verdict, summary } = cleanReport(raw);
  const strings = new StringTable();
  const nodes = profile?.nodes ?? [];
  const intervalNs = (profile?.intervalUs ?? 0) * 1000;
  const functions = new Map<string, Fn>();
  const locations = nodes.map((node, i) => {
    const key = `${node.function}\0${node.file}`;
    const known =
      functions.get(key) ??
      new Fn({
        id: functions.size + 1,
        name: strings.dedup(node.function),
        systemName: strings.dedup(node.function),
        filename: strings.dedup(node.file),
      });
    functions.set(key, known);
    return new Location({ id: i + 1, line: [new Line({ functionId: known.id, line: node.line })] });
  });
  const stackOf = (node: number): number[] => {
    const stack: number[] = [];
    for (let at = node; at >= 0; at = nodes[at]!.parent) stack.push(at + 1);
    return stack;
  };
  const type = (name: string, unit: string): ValueType => new ValueType({ type: strings.dedup(name), unit: strings.dedup(unit) });
  const encoded = new Profile({
    sampleType: [type('samples', 'count'), type('cpu', 'nanoseconds')],
    sample: nodes.flatMap(({ self }, i) => (self > 0 ? [new Sample({ locationId: stackOf(i), value: [self, self * intervalNs] })] : [])),
    location: locations,
    function: [...functions.values()],
    stringTable: strings,
    timeNanos: BigInt(window.startEpochMs) * 1_000_000n,
    durationNanos: Math.round(window.durationS * 1e9),
    periodType: type('cpu', 'nanoseconds'),
    period: intervalNs,
    comment: [strings.dedup(`ddx: ${verdict}. ${summary}`)],
  }).encode();
  return gzipSync(encoded);
}
