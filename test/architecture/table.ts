/** Who may import whom: the whole repository in one place. ARCHITECTURE.md says why. */
export interface Layer {
  /** Folders below src/ besides its own. */
  readonly imports: readonly string[];
  /** It may import from them only what vanishes when types are stripped. */
  readonly typesOnly?: true;
  /** May throw user-facing failures: src/errors.ts. */
  readonly errors?: true;
  /** May use Node's modules and packages of node_modules. */
  readonly outside: 'anything' | 'node only' | 'browser packages' | 'nothing';
  /** Same input, same output: no clock, no random, no process, no console. */
  readonly pure?: true;
}

export const LAYERS: Readonly<Record<string, Layer>> = {
  model: { imports: [], outside: 'nothing', pure: true },
  probe: { imports: ['model'], typesOnly: true, outside: 'node only' },
  collect: { imports: ['model'], errors: true, outside: 'node only' },
  load: { imports: ['model'], errors: true, outside: 'anything' },
  target: { imports: ['model'], errors: true, outside: 'anything' },
  recording: { imports: ['model'], errors: true, outside: 'node only' },
  capture: { imports: ['model', 'target', 'collect', 'load', 'recording'], errors: true, outside: 'anything' },
  ledger: { imports: ['model', 'recording'], outside: 'nothing', pure: true },
  facts: { imports: ['model', 'recording', 'ledger'], outside: 'nothing', pure: true },
  diagnose: { imports: ['model', 'facts'], outside: 'nothing', pure: true },
  whatif: { imports: ['model', 'ledger'], outside: 'nothing', pure: true },
  report: { imports: ['model'], errors: true, outside: 'anything' },
  ui: { imports: ['model', 'whatif'], outside: 'browser packages' },
  lab: { imports: ['model', 'load', 'capture', 'recording', 'ledger', 'facts', 'diagnose', 'whatif'], errors: true, outside: 'anything' },
  mcp: { imports: ['model', 'capture', 'recording', 'ledger', 'facts', 'diagnose', 'whatif', 'report'], errors: true, outside: 'anything' },
  cli: {
    imports: [
      ...['model', 'target', 'collect', 'load', 'capture', 'recording', 'ledger', 'facts', 'diagnose', 'whatif', 'report', 'lab', 'mcp'],
      ...['rules/index.ts', 'rules/scenarios.ts'],
    ],
    errors: true,
    outside: 'anything',
  },
};

/** rules/<area>/<name>/rule.ts */
export const RULE: Layer = { imports: ['model', 'facts'], outside: 'nothing', pure: true };
/** rules/<area>/<name>/scenario.ts and the files beside it; never rule.ts. */
export const SCENARIO: Layer = { imports: ['model', 'lab'], outside: 'anything' };

export const BROWSER_PACKAGES = ['preact', 'uplot'];
export const MAX_LINES = 400;
export const MAX_RULE_LINES = 120;
