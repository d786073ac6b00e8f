import { type Recording, RequestFlag } from '../model/recording.js';
import { buildCoverage, type Coverage, covers } from './coverage.js';

/** One request as its client (or, without our own load, the server) saw it. Times in recording microseconds. */
export interface Request {
  /** When it was due (our load), else when the loop is known to have had it, else when it was entered. Its wall time starts here. */
  readonly startUs: number;
  /** When it was written to the socket; equals startUs without our load. */
  readonly sentUs: number;
  readonly endUs: number;
  readonly route: string;
  /** 0 = no response at all. */
  readonly status: number;
  readonly error: string | null;
  /** The server's half; null where the server never saw it or never finished it. */
  readonly server: ServerHalf | null;
  /** Nobody took it up, and for some of the time that it lay there it is not known what the server did instead. */
  readonly sampledOut?: true;
}

export interface ServerHalf {
  readonly proc: number;
  readonly id: number;
  readonly enteredUs: number;
  readonly finishedUs: number;
  /** When its handler ended the response; -1 = not known. */
  readonly answeredUs: number;
  readonly ownUs: number;
  /** The owner turns of its time are complete, so that its ledger can be walked. */
  readonly walkable: boolean;
  /** It was under way while the ledger was not kept: counted and timed, but no statement about where its time went. */
  readonly sampledOut: boolean;
}

/** Slack between two processes' readings of one clock. */
const CLOCK_SLACK_US = 200;

/** Requests that began inside the window, joined over both halves by connection and order. */
export function joinPopulation(recording: Recording, windowStartUs: number, windowEndUs: number): Request[] {
  const server = serverHalves(recording);
  const { client } = recording.streams;
  const all = client.rows > 0 ? clientPopulation(recording, server) : serverPopulation(recording, server);
  return all.filter((request) => request.startUs >= windowStartUs && request.startUs < windowEndUs);
}

interface ServerRow extends ServerHalf {
  row: number;
  /** Lay in the kernel at this moment, maybe for longer. */
  knownSinceUs: number;
  port: number;
  coverage: Coverage;
}

function serverHalves(recording: Recording): ServerRow[] {
  const { requests, turns } = recording.streams;
  const tracked = new Set<number>();
  for (let i = 0; i < turns.rows; i++) tracked.add(turns.proc[i]!);
  const coverages = recording.documents.processes.map((_, proc) => buildCoverage(recording, proc));
  const rows: ServerRow[] = [];
  for (let row = 0; row < requests.rows; row++) {
    const proc = requests.proc[row]!;
    if (recording.documents.processes[proc]?.role !== 'target') continue;
    const coverage = coverages[proc]!;
    rows.push({
      row,
      coverage,
      sampledOut: tracked.has(proc) && !covers(coverage, requests.startUs[row]!, requests.endUs[row]!),
      proc,
      id: requests.id[row]!,
      port: requests.port[row]!,
      enteredUs: requests.startUs[row]!,
      knownSinceUs: requests.polledUs[row]! >= 0 ? Math.min(requests.polledUs[row]!, requests.startUs[row]!) : requests.startUs[row]!,
      finishedUs: requests.endUs[row]!,
      answeredUs: requests.answeredUs[row]!,
      ownUs: requests.ownUs[row]!,
      walkable: tracked.has(proc) && (requests.flags[row]! & RequestFlag.turnsIncomplete) === 0,
    });
  }
  return rows.sort((a, b) => a.enteredUs - b.enteredUs);
}

function serverPopulation(recording: Recording, server: ServerRow[]): Request[] {
  const { requests } = recording.streams;
  return server.map((half) => ({
    startUs: half.knownSinceUs,
    sentUs: half.knownSinceUs,
    endUs: half.finishedUs,
    route: recording.strings[requests.route[half.row]!] ?? '(unknown)',
    status: requests.status[half.row]!,
    // Who leaves in the middle of an answer had enough of it: streams of events end so. Who leaves without one gave up.
    error: (requests.flags[half.row]! & RequestFlag.aborted) !== 0 && requests.status[half.row] === 0 ? 'aborted by the client' : null,
    server: half,
  }));
}

/** Requests on one connection are answered in order, so the k-th sent is the k-th entered, as far as both were recorded. */
function clientPopulation(recording: Recording, server: ServerRow[]): Request[] {
  const { client, requests } = recording.streams;
  const byPort = new Map<number, ServerRow[]>();
  for (const half of server) {
    const list = byPort.get(half.port);
    if (list) list.push(half);
    else byPort.set(half.port, [half]);
  }
  const order = Array.from({ length: client.rows }, (_, i) => i).sort((a, b) => client.sentUs[a]! - client.sentUs[b]!);
  const nextOnPort = new Map<number, number>();
  const [coverage, ...others] = [...new Set(server.map((half) => half.coverage))];
  return order.map((row) => {
    const port = client.port[row]!;
    const sentUs = client.sentUs[row]!;
    const doneUs = client.doneUs[row]!;
    const half = takeHalf(byPort.get(port), nextOnPort, port, sentUs, doneUs);
    const status = client.status[row]!;
    const error = client.error[row]! >= 0 ? (recording.strings[client.error[row]!] ?? 'error') : null;
    const asked = recording.strings[client.route[row]!] ?? '(unknown)';
    return {
      startUs: Math.min(client.intendedUs[row]!, sentUs < 0 ? doneUs : sentUs),
      sentUs: sentUs < 0 ? doneUs : sentUs,
      endUs: doneUs,
      route: half ? (recording.strings[requests.route[half.row]!] ?? asked) : asked,
      status,
      error,
      // What held it up before it was entered must have been seen as well.
      server: half && !half.sampledOut && !covers(half.coverage, sentUs, half.finishedUs) ? { ...half, sampledOut: true } : half,
      ...(!half && status === 0 && coverage && others.length === 0 && !covers(coverage, sentUs, doneUs) ? { sampledOut: true } : {}),
    };
  });
}

function takeHalf(
  list: ServerRow[] | undefined,
  nextOnPort: Map<number, number>,
  port: number,
  sentUs: number,
  doneUs: number,
): ServerRow | null {
  if (!list) return null;
  let next = nextOnPort.get(port) ?? 0;
  // Entered before this one was sent: an earlier request whose client half is missing.
  while (next < list.length && list[next]!.enteredUs < sentUs - CLOCK_SLACK_US) next++;
  const half = list[next];
  nextOnPort.set(port, next);
  if (!half || half.enteredUs > doneUs + CLOCK_SLACK_US) return null;
  nextOnPort.set(port, next + 1);
  return half;
}
