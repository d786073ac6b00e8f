/** Formats that a report can be written in, by the name that --output takes. */
export const OUTPUT_KINDS = {
  html: 'the whole report as one page that needs no network',
  json: 'Report JSON: everything, for programs (docs/report.schema.json)',
  md: 'Markdown for a pull request, an issue or a coding agent',
  sarif: 'SARIF 2.1.0: findings with their lines, for code scanning',
  junit: 'JUnit XML: rules as test cases, for CI servers',
  github: 'workflow commands that GitHub Actions shows as annotations',
  pprof: 'CPU profile for `go tool pprof` and its relatives',
  speedscope: 'CPU profile, and wall time by account, for speedscope.app',
  cpuprofile: 'CPU profile for Chrome DevTools and editors',
  trace: 'timeline for Perfetto: main thread, example requests, counters',
  otlp: 'OTLP/JSON: example requests as spans, findings as logs, charts as gauges',
} as const;

export type OutputKind = keyof typeof OUTPUT_KINDS;

/** Commands whose result is no diagnosis are written in fewer. */
const FEWER: Record<string, readonly OutputKind[]> = { load: ['html', 'json', 'md'], explain: ['html', 'md'] };

export function kindsOf(command: string): readonly OutputKind[] {
  return FEWER[command] ?? (Object.keys(OUTPUT_KINDS) as OutputKind[]);
}
