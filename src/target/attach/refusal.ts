/** Why a process is left alone. Not an error: it can still be looked at from outside. */
export class Refusal extends Error {
  /** What would make it possible, a full sentence; empty where nothing would. */
  readonly next: string;
  constructor(because: string, next = '') {
    super(because);
    this.name = 'Refusal';
    this.next = next;
  }
}
