import type { Evidence } from '../model/rule.js';
import type { Explained } from './ledgers.js';

/** One measured statement of a rule. `says`: a sentence with its numbers; the rest is the same for machines. */
export function evidence(says: string, signal: string, value: number, unit: string, threshold?: number): Evidence {
  return threshold === undefined ? { says, signal, value, unit } : { says, signal, value, unit, threshold };
}

/** "GET /a: 812 of 1,003 ms at p99 <are what>". */
export function ledgerEvidence(held: Explained, areWhat: string, threshold: number): Evidence {
  return evidence(`${held.route}: ${ofRequest(held)} at ${held.bucket} ${areWhat}`, 'ledger share', held.share, 'share', threshold);
}

/** "12 of 340 ms". */
export function ofRequest({ ms, measuredMs }: Explained): string {
  return `${ms.toFixed(ms < 10 ? 1 : 0)} of ${measuredMs.toFixed(measuredMs < 10 ? 1 : 0)} ms`;
}

/** "at most 12 of 340 ms of a request (GET /a)", for sentences that rule something out. */
export function atMost(held: Explained | undefined): string {
  return held ? `at most ${ofRequest(held)} of a request (${held.route})` : 'no part of any request';
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(Math.abs(share) < 0.1 ? 1 : 0)} %`;
}

/** The evidence, where there is something to say it of. */
export function when<T>(subject: T, say: (subject: NonNullable<T>) => Evidence): Evidence[] {
  return subject ? [say(subject)] : [];
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1e3).toFixed(1)} kB`;
}
