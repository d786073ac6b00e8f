/** Why a process is left alone. Not an error: it can still be looked at from outside. */
export class Refusal extends Error {
  /** What would make it possible, a full sentence; empty where nothing would. */
  readonly next: string;
  /** What has to be put right when the process comes back to itself; resolves when that is done, or given up because of the signal. */
  readonly afterwards: ((giveUp: AbortSignal) => Promise<boolean>) | null;
  constructor(because: string, next = '', afterwards: Refusal['afterwards'] = null) {
    super(because);
    this.name = 'Refusal';
    this.next = next;
    this.afterwards = afterwards;
  }
}
