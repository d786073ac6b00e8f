import type { Finding } from './report.js';
import { wordShare } from './wording.js';

/** How much of the trouble a finding explains: "explains 93 % of the latency". */
export function costWords(finding: Finding): string {
  const share = wordShare(finding.explainedShare);
  const of: Record<Finding['symptom'], string> = {
    latency: 'of the latency',
    throughput: 'of the lost throughput',
    memory: 'of the memory growth',
    errors: 'of the errors',
    correctness: 'of the wrong results',
    security: 'of the exposure',
    risk: 'of the risk',
  };
  return `explains ${share} ${of[finding.symptom] ?? ''}`.trim();
}
