import { describe, expect, it } from 'vitest';
import { requests } from '../facts/requests.js';
import type { Present, Rule, Verdict } from '../model/rule.js';
import type { RuleId } from '../model/units.js';
import { buildRecording } from '../recording/memory.js';
import { relate } from './relate.js';
import { diagnose } from './report.js';

const found = (explainedShare: number): Present => ({
  confidence: 0.9,
  symptom: 'latency',
  explainedShare,
  summary: `explains ${explainedShare}.`,
  evidence: [],
  fixes: [],
});
const ruleOf = (id: RuleId, verdict: Verdict, extra: Partial<Rule> = {}): Rule => ({
  id,
  title: id,
  stage: 'stable',
  mimics: [],
  causes: [],
  needs: [requests],
  judge: () => verdict,
  ...extra,
});
const present = (id: RuleId, share: number, causes: RuleId[] = []) => ({
  rule: ruleOf(id, { is: 'present', findings: [found(share)] }, { causes }),
  found: found(share),
});
const absent: Verdict = { is: 'absent', because: { says: 'nothing there', signal: 'x', value: 0, unit: 'ms' } };

const traffic = (count: number) => ({
  strings: ['GET /a'],
  rows: { requests: Array.from({ length: count }, (_, i) => [0, i + 1, i * 1e5, i * 1e5 + 2000, 0, 200, 1, 4000, 0, 0]) },
});

describe('causes and consequences', () => {
  it('hang below what causes them, however much they explain', () => {
    const related = relate([
      present('memory/gc-pressure', 0.9),
      present('memory/heap-leak', 0.6, ['memory/gc-pressure']),
      present('network/slow-downstream', 0.7),
    ]);
    expect(related.map(({ rule, role, causedBy }) => [rule.id, role, causedBy])).toEqual([
      ['network/slow-downstream', 'root-cause', undefined],
      ['memory/heap-leak', 'root-cause', undefined],
      ['memory/gc-pressure', 'consequence', 1],
    ]);
  });
  it('of two that claim each other the heavier is the cause', () => {
    const related = relate([present('cpu/a', 0.9, ['cpu/b']), present('cpu/b', 0.8, ['cpu/a'])]);
    expect(related.map(({ rule, role }) => [rule.id, role])).toEqual([
      ['cpu/a', 'root-cause'],
      ['cpu/b', 'consequence'],
    ]);
  });
  it('a small one beside a big one contributes', () => {
    expect(relate([present('cpu/a', 0.9), present('cpu/b', 0.1)])[1]!.role).toBe('contributing');
  });
});

describe('diagnose', () => {
  it('gives the same report for the same recording', () => {
    const recording = buildRecording(traffic(50));
    const rules = [ruleOf('cpu/a', absent)];
    expect(JSON.stringify(diagnose(recording, rules))).toBe(JSON.stringify(diagnose(recording, rules)));
  });
  it('calls a server healthy only with enough requests and at least one rule that could look', () => {
    expect(diagnose(buildRecording(traffic(50)), [ruleOf('cpu/a', absent)]).verdict).toBe('healthy');
    expect(diagnose(buildRecording(traffic(5)), [ruleOf('cpu/a', absent)])).toMatchObject({
      verdict: 'inconclusive',
      summary: expect.stringContaining('5 requests'),
    });
    expect(diagnose(buildRecording(), [ruleOf('cpu/a', absent)])).toMatchObject({
      verdict: 'inconclusive',
      summary: expect.stringContaining('No request'),
    });
    expect(diagnose(buildRecording(traffic(50)), [ruleOf('cpu/a', { is: 'not-examined', because: 'blind' })]).verdict).toBe('inconclusive');
  });
  it('shows findings of the nursery apart and lets them decide nothing', () => {
    const report = diagnose(buildRecording(traffic(50)), [
      ruleOf('cpu/a', absent),
      ruleOf('cpu/b', { is: 'present', findings: [found(0.9)] }, { stage: 'nursery' }),
    ]);
    expect([report.verdict, report.findings.length, report.nursery.length]).toEqual(['healthy', 0, 1]);
  });
  it('adds up: every ledger it shows equals what was measured', () => {
    const { ledger } = diagnose(buildRecording(traffic(50)), []);
    for (const buckets of Object.values(ledger)) {
      for (const shown of Object.values(buckets)) {
        expect(Math.round(shown.accounts.reduce((sum, account) => sum + account.ms, 0) * 1000)).toBe(Math.round(shown.measuredMs * 1000));
      }
    }
  });
});
