import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { reportSchema } from '../../scripts/report-schema.js';
import { SAMPLES, sickReport } from '../../test/sample-reports.js';
import { finite, renderJson } from './json.js';

const published = readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8');
const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(JSON.parse(published));

test('the published schema says what the types say', () => {
  expect(published, 'Write it anew: npm run generate').toBe(reportSchema());
});

describe.each(Object.keys(SAMPLES))('%s', (name) => {
  test('is valid against the published schema', () => {
    validate(JSON.parse(renderJson(SAMPLES[name]!())));
    expect(validate.errors).toBeNull();
  });
});

test('the schema is strict: a missing, a misspelt and a wrong value are refused', () => {
  const { summary: _, ...missing } = sickReport();
  expect(validate(missing)).toBe(false);
  expect(validate({ ...sickReport(), sumary: '' })).toBe(false);
  expect(validate({ ...sickReport(), verdict: 'ill' })).toBe(false);
  const report = sickReport();
  Object.assign(report.ledger['GET /cart']!.p99!.accounts[0]!, { account: 'js/mine' });
  expect(validate(report)).toBe(false);
});

test('the same report gives the same bytes, whatever order its maps were filled in', () => {
  const report = sickReport();
  const shuffled = sickReport();
  shuffled.target.versions = Object.fromEntries(Object.entries(report.target.versions).reverse());
  shuffled.series = Object.fromEntries(Object.entries(report.series).reverse());
  shuffled.ledger = Object.fromEntries(Object.entries(report.ledger).reverse()) as typeof report.ledger;
  expect(renderJson(shuffled)).toBe(renderJson(report));
});

test('a number that is none is said, not hidden', () => {
  const report = sickReport();
  report.requests.p99Ms = Number.NaN;
  report.exemplars[0]!.wallMs = Number.POSITIVE_INFINITY;
  const parsed = JSON.parse(renderJson(report));
  expect(parsed.requests.p99Ms).toBe(0);
  expect(parsed.warnings.at(-1)).toBe('Not a finite number, shown as 0: requests.p99Ms, exemplars[0].wallMs.');
  validate(parsed);
  expect(validate.errors).toBeNull();
  expect(report.requests.p99Ms).toBeNaN();
});

test('a route called like a property of every object is only a route', () => {
  const report = sickReport();
  Object.defineProperty(report.ledger, '__proto__', { value: report.ledger.overall, enumerable: true, configurable: true });
  expect(Object.keys(JSON.parse(renderJson(report)).ledger)).toContain('__proto__');
  expect(Object.hasOwn(finite(report).ledger, '__proto__')).toBe(true);
});
