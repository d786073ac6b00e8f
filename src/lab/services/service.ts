import type { ServiceNeed } from '../scenario.js';

/** A real server of our own, on a random port of the loopback, with its data in a temporary folder. */
export interface Service {
  readonly name: ServiceNeed;
  readonly port: number;
  /** Complete, as drivers take it: "postgres://postgres@127.0.0.1:41223/postgres". */
  readonly url: string;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/** How one kind of server is installed, prepared and started. */
export interface Recipe {
  /** What apt calls it. */
  readonly packages: readonly string[];
  /** Absolute path of the program, or null where it is not installed. */
  find(): string | null;
  /** The account that the package makes for it; such servers refuse to run as root. Null: runs as whoever we are. */
  readonly account: string | null;
  /** Runs once before the start, as the server's account: fills `folder`. */
  prepare?(place: Place): readonly string[][];
  start(place: Place): { command: readonly string[]; env?: Record<string, string> };
  /** What a client says first, and how an answer of a server that is ready begins. */
  readonly greeting: { hello: Buffer | null; ready(answer: Buffer): boolean };
  url(port: number): string;
}

export interface Place {
  readonly program: string;
  /** Empty at first and the server's own. */
  readonly folder: string;
  readonly port: number;
  /** For servers that need more than one. */
  readonly furtherPorts: readonly number[];
  /** Extra arguments asked for by the caller. */
  readonly flags: readonly string[];
}
