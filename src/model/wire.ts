import type { StreamName } from './recording.js';

/**
 * How the probe speaks with the capture session: a unix socket (named pipe on Windows) in a private folder.
 *
 * Frame: u32le length of what follows, u8 type, payload.
 *   type 1: UTF-8 JSON, a ProbeMessage (probe -> capture) or CaptureMessage (capture -> probe)
 *   type 2: u8 index into hello.streams, then rows, each its columns as float64le, in the order hello gave.
 * Times are already counted from the origin given in ProbeConfig. Text columns (STRING_COLUMNS) hold indices announced by `string`.
 */
export interface ProbeConfig {
  v: 1;
  socket: string;
  originUs: number;
  depth: 'light' | 'standard' | 'deep';
  /** Blocks of the main thread longer than this are caught while they last, at depth deep. */
  blockMs?: number | undefined;
  /** Somebody watches, for as long as they like: nothing is told at the end alone, nothing stops the target for a full collection. */
  watched?: boolean;
  /** Where the probe came into a running process: its pid as ddx sees it, which inside of a container is another one. */
  attachedTo?: number;
}

/** Environment variable with the ProbeConfig as JSON. The preload does nothing where it is absent. */
export type ProbeEnv = 'DDX_PROBE';

export interface RawFrame {
  function: string;
  url: string;
  line: number;
  column: number;
  /** It was not running: it awaits the frame before it. */
  awaits?: true;
}

export type ProbeMessage =
  | {
      t: 'hello';
      pid: number;
      ppid: number;
      title: string;
      script: string;
      versions: Record<string, string>;
      features: Record<string, boolean>;
      streams: { name: StreamName; columns: string[] }[];
    }
  | { t: 'listening'; port: number; address: string }
  | { t: 'string'; i: number; s: string }
  | { t: 'site'; i: number; frames: RawFrame[] }
  | { t: 'spawn'; kind: 'worker' | 'child'; tUs: number; endUs: number; readyUs: number; name: string; site: number; owner: number }
  /** Of the samples since the profile before it, whose rows have all been sent. */
  | {
      t: 'profile';
      intervalUs: number;
      nodes: { parent: number; function: string; url: string; line: number; column: number; ticks: [number, number][] }[];
    }
  /** `addedBytes`: of them, allocated in each quarter of the time since `mark`; all 0 where that is not known. */
  | { t: 'heap-profile'; tUs: number; stacks: { frames: RawFrame[]; liveBytes: number; addedBytes: number[] }[] }
  /** Descriptors that were opened since `mark` and are open now, by the call site that opened them (-1: not looked at). */
  | { t: 'open-files'; open: { site: number; count: number }[] }
  /** The call by which the target last set its own priority. */
  | { t: 'priority'; site: number }
  /** For how long clients' connections are kept (settings of the server, -1: not seen), how many it closed since `mark` as idle, and the
   *  call by which it listens (-1: not seen). */
  | { t: 'incoming'; site: number; keepAliveMs: number; maxRequests: number; idleClosed: number }
  /** What was begun since `mark` and still lasts: how many in each quarter of that time. Of one kind in one message. */
  | { t: 'lasting'; gained: { kind: 'interval' | 'listener'; site: number; begun: number[] }[] }
  | { t: 'block'; startUs: number; endUs: number; owner: number; urlPath: string | null; frames: RawFrame[] }
  /** `modules`: the target's own files that were loaded, by URL or path, as far as they were counted. */
  | { t: 'scripts'; scripts: { url: string; sourceMapUrl: string }[]; modules?: string[] }
  /** All that was seen until `look` has been sent. */
  | { t: 'looked' }
  | { t: 'bye'; dropped: Partial<Record<StreamName, number>>; selfUs: number };

/** `compare`: for so long nothing is judged; take everything off and put it back by turns, to see what it costs. `mark`: the judged window is about to begin, a good moment for what stops the target briefly. `look`: send what was seen until now, the profile with it, then `looked`. `finish`: send what is left (profiles, bye), remove every hook, close. `off`: not the target: remove every hook at once, close. */
export type CaptureMessage = { t: 'compare'; forMs: number } | { t: 'mark' } | { t: 'look' } | { t: 'finish' } | { t: 'off' };
