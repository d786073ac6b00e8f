import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import type { Check } from './schemas.js';

const require = createRequire(import.meta.url);

/** Of its encoded form, read by the format's library: everything that is referred to is there. */
export function pprofOf(bytes: Uint8Array) {
  const profile = Profile.decode(gunzipSync(bytes));
  const text = (index: number | bigint): string => {
    const found = profile.stringTable.strings[Number(index)];
    if (found === undefined) throw new Error(`string ${index} is not in the table`);
    return found;
  };
  const functions = new Map(profile.function.map((one) => [Number(one.id), { name: text(one.name), file: text(one.filename) }]));
  const locations = new Map(
    profile.location.map((one) => [
      Number(one.id),
      { ...functions.get(Number(one.line[0]!.functionId))!, line: Number(one.line[0]!.line) },
    ]),
  );
  return {
    types: profile.sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`),
    samples: profile.sample.map(({ locationId, value }) => ({
      stack: locationId.map((id) => {
        const location = locations.get(Number(id));
        if (!location) throw new Error(`location ${id} is nowhere`);
        return location;
      }),
      values: value.map(Number),
    })),
  };
}

interface TraceEvent {
  ph: string;
  name: string;
  pid: number;
  tid: number;
  ts: number;
  dur: number;
  args: Record<string, unknown>;
}

/** The Trace Event Format has no schema; this is what its document demands of the phases that are used. */
export const traceProblems: Check<{ traceEvents: TraceEvent[] }> = ({ traceEvents }) => {
  const problems: string[] = [];
  const tracks = new Map<number, TraceEvent[]>();
  for (const event of traceEvents) {
    const whole = [event.pid, event.tid, event.ts].every(Number.isInteger) && typeof event.name === 'string';
    if (!whole || !['M', 'X', 'C', 'i'].includes(event.ph)) problems.push(`not an event: ${JSON.stringify(event).slice(0, 100)}`);
    if (event.ph === 'C' && !Object.values(event.args).every(Number.isFinite)) problems.push('a counter without a number');
    if (event.ph === 'M' && typeof event.args['name'] !== 'string') problems.push('a name without a text');
    const track = tracks.get(event.tid) ?? [];
    if (event.ph === 'X') track.push(event);
    tracks.set(event.tid, track);
  }
  for (const events of tracks.values()) {
    const open: number[] = [];
    let before = Number.NEGATIVE_INFINITY;
    for (const { ts, dur } of events) {
      if (!(dur >= 0) || ts < before) problems.push('a slice that begins before its predecessor, or ends before it begins');
      before = ts;
      while (open.length > 0 && open.at(-1)! <= ts && !(dur === 0 && open.at(-1)! === ts)) open.pop();
      if (open.length > 0 && ts + dur > open.at(-1)!) problems.push('slices of one track that overlap without one holding the other');
      open.push(ts + dur);
    }
  }
  return problems;
};

interface Message {
  fromObject(from: object): object;
  verify(message: object): string | null;
  toObject(message: object, options: object): object;
}

/** Reads each line by the protocol's own protobuf definitions and writes it again: what comes back must be what was there. */
export const otlpProblems: Check<string> = (text) => {
  const { collector } = require('@opentelemetry/otlp-transformer/build/src/generated/root').opentelemetry.proto;
  const messages: Message[] = [
    collector.trace.v1.ExportTraceServiceRequest,
    collector.logs.v1.ExportLogsServiceRequest,
    collector.metrics.v1.ExportMetricsServiceRequest,
  ];
  const lines = text.trimEnd().split('\n');
  if (lines.length !== messages.length) return [`${lines.length} lines`];
  return lines.flatMap((line, i) => {
    const message = messages[i]!.fromObject(withBytes(JSON.parse(line)) as object);
    const wrong = messages[i]!.verify(message);
    if (wrong) return [wrong];
    const again = JSON.stringify(sorted(messages[i]!.toObject(message, { longs: String, bytes: String })));
    return again === JSON.stringify(sorted(withBytes(JSON.parse(line)))) ? [] : [`line ${i + 1} holds what the protocol does not know`];
  });
};

/** OTLP/JSON writes ids in hexadecimal, where protobuf's own JSON has base64. */
function withBytes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (key !== 'traceId' && key !== 'spanId') return [key, withBytes(item)];
      if (!/^([0-9a-f]{32}|[0-9a-f]{16})$/.test(item)) throw new Error(`${key} ${item}`);
      return [key, Buffer.from(item, 'hex').toString('base64')];
    }),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      // An empty list and none are the same in protobuf.
      .filter(([, item]) => !(Array.isArray(item) && item.length === 0))
      .map(([key, item]) => [key, sorted(item)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

export interface Command {
  name: string;
  properties: Record<string, string>;
  message: string;
}

/** Workflow commands as GitHub's runner reads them: one per line; anything else in it would be output of the step. */
export function commandsOf(text: string): Command[] {
  if (text === '') return [];
  const unescaped = (part: string): string => part.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => {
      const [, name, list, message] = /^::([a-z]+) ([^\r]*?)::([^\r]*)$/.exec(line) ?? [];
      if (!name) throw new Error(`no command: ${line.slice(0, 100)}`);
      const properties = list!.split(',').map((part) => {
        const [key, value] = part.split(/=(.*)/s) as [string, string];
        if (!['file', 'line', 'col', 'title'].includes(key) || value.includes(':')) throw new Error(`no property: ${part}`);
        return [key, unescaped(value.replaceAll('%3A', ':').replaceAll('%2C', ','))];
      });
      return { name, properties: Object.fromEntries(properties), message: unescaped(message!) };
    });
}
