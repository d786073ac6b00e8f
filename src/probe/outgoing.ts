import { NOBODY } from './charge.js';
import { nowUs } from './clock.js';
import { type Opening, openingFor } from './sockets.js';
import { endWait, type Wait, writePhase } from './waits.js';

/** Shorter phases are not worth a row; the answer gets them. */
const WORTH_A_ROW_US = 100;

const TOO_MANY_REQUESTS = 429;
const SERVER_ERROR = 500;

/**
 * One outgoing HTTP request: from the call until the answer was read, or until its head came when nobody reads the rest. When it is over it
 * tells its phases, the pool, the name, the connection, TLS; what is left of it the other side took.
 */
export class OutgoingCall {
  readonly wait: Wait;
  private headUs = -1;
  /** Of the connection, where it was opened for this call. */
  private opening: Opening | null = null;
  private socketUs = -1;

  constructor(wait: Wait) {
    this.wait = wait;
    wait.queued = true;
  }

  /** It has a connection, or one is being opened for it. */
  assigned(socket: object): void {
    this.socketUs = nowUs();
    this.wait.queued = false;
    // Calls that queue behind the first one find it open, however long that took.
    this.opening = openingFor(socket, this.wait.startUs);
    this.wait.opened = this.opening !== null;
  }

  headArrived(status: number | undefined): void {
    if (this.headUs >= 0) return;
    this.headUs = nowUs();
    this.wait.answering = true;
    this.wait.refused = status === TOO_MANY_REQUESTS || (status !== undefined && status >= SERVER_ERROR);
    const { owner } = this.wait;
    if (owner === NOBODY) return;
    owner.halfAnswered ??= [];
    owner.halfAnswered.push(this);
  }

  get answered(): boolean {
    return this.headUs >= 0;
  }

  settleEarly(): void {
    if (this.headUs >= 0) this.end(false, this.headUs);
  }

  /** `endUs`: where it was over before now. */
  end(failed: boolean, endUs?: number): void {
    if (this.wait.done) return;
    this.tellPhases(endUs ?? nowUs());
    endWait(this.wait, failed, endUs);
  }

  private tellPhases(endUs: number): void {
    const { wait, opening, socketUs } = this;
    let atUs = wait.startUs;
    const phase = (kind: Parameters<typeof writePhase>[1], untilUs: number) => {
      const toUs = Math.min(untilUs, endUs);
      if (toUs - atUs >= WORTH_A_ROW_US) writePhase(wait, kind, atUs, toUs);
      atUs = Math.max(atUs, toUs);
    };
    if (opening) {
      phase('http/pool-wait', opening.startUs);
      phase('net/dns', opening.lookedUpUs);
      phase('net/connect', opening.connectedUs < 0 ? endUs : opening.connectedUs);
      phase('net/tls', opening.securedUs);
    }
    // Where several calls may go to one connection, it is had only when the request is written.
    phase('http/pool-wait', socketUs);
  }
}
