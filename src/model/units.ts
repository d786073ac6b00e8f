/** A rule or fact area. Mirrors the folders below rules/. */
export type Area =
  | 'cpu'
  | 'memory'
  | 'threads'
  | 'concurrency'
  | 'runtime'
  | 'network'
  | 'http'
  | 'tls'
  | 'database'
  | 'cache'
  | 'queue'
  | 'distributed'
  | 'architecture'
  | 'security'
  | 'observability'
  | 'delivery';

/** Identity of a rule: its folder below rules/, its docs page and its SARIF ruleId are all this string. */
export type RuleId = `${Area}/${string}`;

/** Which percentile neighbourhood of a route's latency a ledger speaks of. */
export type Bucket = 'p50' | 'p90' | 'p99' | 'max';
export const BUCKETS: readonly Bucket[] = ['p50', 'p90', 'p99', 'max'];
