import { describe, expect, it } from 'vitest';
import type { Finding, Report } from '../model/report.js';
import type { RuleId } from '../model/units.js';
import { judgeReport } from './judge.js';
import type { Truth } from './scenario.js';

const LEAK: Truth = { rule: 'memory/heap-leak', lines: [{ file: 'lib/cache.js', line: 12 }] };
const WELL: Truth = { rule: null, lines: [] };

describe('judgeReport', () => {
  it.each<[string, Truth, Report, Partial<ReturnType<typeof judgeReport>>]>([
    ['the cause and its line', LEAK, report([finding('memory/heap-leak', 12)]), { outcome: 'right', rightLine: true, blamed: [] }],
    ['the cause at another line', LEAK, report([finding('memory/heap-leak', 13)]), { outcome: 'right', rightLine: false }],
    ['the cause and a consequence', LEAK, report([finding('memory/heap-leak'), consequence('memory/gc-pressure')]), { outcome: 'right' }],
    [
      'two root causes',
      LEAK,
      report([finding('memory/heap-leak'), finding('cpu/quota-throttled')]),
      { outcome: 'mixed', blamed: ['cpu/quota-throttled'] },
    ],
    ['another cause', LEAK, report([finding('memory/gc-pressure')]), { outcome: 'wrong', rightLine: null, blamed: ['memory/gc-pressure'] }],
    [
      'the cause as a consequence',
      LEAK,
      report([finding('memory/gc-pressure'), consequence('memory/heap-leak')]),
      { outcome: 'wrong', blamed: ['memory/gc-pressure'] },
    ],
    ['nothing', LEAK, report([]), { outcome: 'missed', said: null }],
    ['too little evidence', LEAK, report([], [], 'inconclusive'), { outcome: 'inconclusive' }],
    ['the cause, by a nursery rule', LEAK, report([], [finding('memory/heap-leak', 12)]), { outcome: 'right', rightLine: true }],
    ['nothing, of a healthy one', WELL, report([]), { outcome: 'silent', rightLine: null }],
    ['something, of a healthy one', WELL, report([finding('memory/heap-leak')]), { outcome: 'false-alarm', blamed: ['memory/heap-leak'] }],
    [
      'a nursery finding, of a healthy one',
      WELL,
      report([], [finding('memory/heap-leak')]),
      { outcome: 'silent', blamed: [], nursery: ['memory/heap-leak'] },
    ],
  ])('%s', (_, truth, given, expected) => {
    expect(judgeReport(given, truth)).toMatchObject(expected);
  });
});

function report(findings: Finding[], nursery: Finding[] = [], verdict: Report['verdict'] = 'sick'): Report {
  return { findings, nursery, verdict } as Partial<Report> as Report;
}

function finding(rule: RuleId, line = 1): Finding {
  const location = { file: 'lib/cache.js', line, function: 'f', source: 'app' };
  return { rule, role: 'root-cause', location } as Partial<Finding> as Finding;
}

function consequence(rule: RuleId): Finding {
  return { ...finding(rule), role: 'consequence', causedBy: 0 };
}
