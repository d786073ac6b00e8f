/** What a scenario file exports as default. */
export interface Scenario {
  /** Values for {{name}}. */
  variables?: Record<string, string | number | boolean>;
  /** Rows for {{name.column}}: a .csv with a head line, or a .json with an array of objects, beside the scenario. Each user takes the next. */
  data?: Record<string, string>;
  /** Headers of every request. */
  headers?: Record<string, string>;
  sequences: Sequence[];
}

export interface Sequence {
  name?: string;
  /** Relative frequency; default 1. */
  weight?: number;
  steps: Step[];
}

/** A request, or a pause. */
export type Step = RequestStep | ThinkStep;

export interface ThinkStep {
  /** "500ms", or "1s..3s" for a random pause between two. */
  think: string;
}

export interface RequestStep {
  get?: string;
  head?: string;
  post?: string;
  put?: string;
  patch?: string;
  delete?: string;
  /** For reports; default: method and path as written. */
  name?: string;
  headers?: Record<string, string>;
  /** Sent as JSON; {{name}} is replaced in all its texts. */
  json?: unknown;
  body?: string;
  /** Name = where it comes from: "json:items.0.id", "header:location", "regex:id=(\\d+)", "body", or a function of the answer. */
  extract?: Record<string, string | Extractor>;
  check?: Check;
}

export interface Check {
  /** One or several; default: below 400. */
  status?: number | number[];
  /** A text in the body. */
  contains?: string;
  /** "items.0.id" = the value it must have. */
  json?: Record<string, unknown>;
  maxMs?: number;
  /** Returns whether the answer is as it should be. */
  that?: (answer: Answer) => boolean;
}

export type Extractor = (answer: Answer) => string | number | boolean | undefined;

/** What functions of a scenario get to see. */
export interface Answer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  text: string;
  ms: number;
  /** Throws for a body that is no JSON. */
  json(): unknown;
}
