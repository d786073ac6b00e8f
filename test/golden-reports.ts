import { join, resolve } from 'node:path';
import { RULES } from '../rules/index.js';
import { readCatalogue } from '../scripts/catalogue.js';
import { diagnose } from '../src/diagnose/report.js';
import type { Report } from '../src/model/report.js';
import { readRecording } from '../src/recording/reader.js';

const rulesDir = resolve(import.meta.dirname, '../rules');

export interface GoldenReport {
  /** "area/name sick" */
  name: string;
  rule: string;
  state: string;
  report: Report;
}

/** Reports of the recordings that lie beside the rules: real servers, sick and healthy. */
export async function goldenReports(): Promise<GoldenReport[]> {
  return (await readCatalogue(rulesDir)).flatMap(({ id, golden }) =>
    golden.map((file) => {
      const state = file.replace(/\.ddx$/, '');
      return { name: `${id} ${state}`, rule: id, state, report: diagnose(readRecording(join(rulesDir, id, 'golden', file)), RULES) };
    }),
  );
}
