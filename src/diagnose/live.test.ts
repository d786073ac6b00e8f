import { describe, expect, it } from 'vitest';
import type { Finding, Report } from '../model/report.js';
import { buildRecording } from '../recording/memory.js';
import { createHistory } from './history.js';
import { createLive } from './live.js';
import { diagnose } from './report.js';

const EMPTY = diagnose(buildRecording(), []);

function report(verdict: Report['verdict'], roots: string[] = [], startS = 0): Report {
  const findings = roots.map((rule): Finding => {
    const shares = { confidence: 1, explainedShare: 1, symptom: 'latency' as const };
    return {
      rule: rule as Finding['rule'],
      area: '',
      title: rule,
      summary: `it is ${rule}`,
      role: 'root-cause',
      ...shares,
      evidence: [],
      causes: [],
      fixes: [],
    };
  });
  const window = { ...EMPTY.window, startUs: startS * 1e6, startEpochMs: startS * 1000, durationS: 10 };
  return { ...EMPTY, verdict, summary: `${verdict} at ${startS}`, findings, window };
}

const options = { windowS: 10, everyS: 5, keepS: 60 };
const words = ({ report: { verdict, findings }, state }: ReturnType<ReturnType<typeof createLive>>) =>
  [verdict, findings.map(({ rule }) => rule).join(), state.pending?.windows ?? 0].join(' ');

describe('a verdict made again and again', () => {
  it('is not given before three windows agree, nor changed before three agree on another one', () => {
    const live = createLive(options);
    const ill = ['cpu/x', 'memory/y'];
    const answers = [
      ...['healthy', 'healthy', 'healthy', 'healthy'].map((word) => live(report(word as 'healthy'))),
      ...[live(report('sick', ill)), live(report('healthy'))],
      ...[live(report('sick', ill)), live(report('sick', [...ill].reverse())), live(report('sick', ill))],
      ...[live(report('inconclusive')), live(report('healthy')), live(report('inconclusive'))],
    ].map(words);
    expect(answers).toEqual([
      ...['inconclusive  1', 'inconclusive  2', 'healthy  0', 'healthy  0'],
      ...['healthy  1', 'healthy  0'],
      ...['healthy  1', 'healthy  2', 'sick cpu/x,memory/y 0'],
      ...['sick cpu/x,memory/y 1', 'sick cpu/x,memory/y 1', 'sick cpu/x,memory/y 1'],
    ]);
  });

  it('another root cause is another answer', () => {
    const live = createLive(options);
    for (let i = 0; i < 3; i++) live(report('sick', ['cpu/x']));
    expect(words(live(report('sick', ['memory/y'])))).toBe('sick cpu/x 1');
    expect(live(report('sick', ['memory/y'])).state.pending).toEqual({ verdict: 'sick', summary: 'sick at 0', windows: 2, needed: 3 });
    expect(words(live(report('sick', ['memory/y'])))).toBe('sick memory/y 0');
  });

  it('remembers what it said and when; figures are those of the last window, whatever the verdict', () => {
    const live = createLive(options);
    for (let i = 0; i < 3; i++) live(report('healthy', [], i * 5));
    const { report: shown, state } = live(report('sick', ['cpu/x'], 15));
    expect(shown).toMatchObject({ verdict: 'healthy', summary: 'healthy at 10', window: { startUs: 15e6 } });
    for (let i = 4; i < 6; i++) live(report('sick', ['cpu/x'], i * 5));
    expect(state.said).toEqual([{ epochMs: 20_000, verdict: 'healthy', summary: 'healthy at 10' }]);
    const { state: after } = live(report('sick', ['cpu/x'], 30), true);
    expect(after.said.map(({ epochMs, verdict }) => [epochMs, verdict])).toEqual([
      [20_000, 'healthy'],
      [35_000, 'sick'],
    ]);
    expect([after.ended, after.pending]).toEqual([true, null]);
  });
});

describe('charts over several windows', () => {
  /** One point per half second, whose value is the time. */
  const seen = (startS: number, durationS: number): Report => {
    const points = Array.from({ length: durationS * 2 }, (_, i): [number, number] => [i / 2 + 0.25, startS + i / 2 + 0.25]);
    return { ...EMPTY, window: { ...EMPTY.window, startUs: startS * 1e6, durationS }, series: { 'x/y': { unit: 'ms', points } } };
  };

  it('are joined without gap or overlap, counted from the newest window, and forget', () => {
    const history = createHistory(20);
    history(seen(3.3, 4));
    for (let startS = 5; startS < 40; startS += 5) history(seen(startS, 10));
    const { points } = history(seen(40, 10))['x/y']!;
    expect(points.map(([tS, value]) => value - tS)).toEqual(points.map(() => 40));
    expect([points[0], points.at(-1), points.length]).toEqual([[-9.75, 30.25], [9.75, 49.75], 40]);
    expect(new Set(points.slice(1).map(([tS], i) => tS - points[i]![0]))).toEqual(new Set([0.5]));
  });

  it('a step that is not over waits for the next window', () => {
    const history = createHistory(60);
    const cut = { ...seen(0, 2), window: { ...EMPTY.window, startUs: 0, durationS: 1.6 } };
    expect(history(cut)['x/y']!.points).toHaveLength(3);
    expect(history(seen(1, 10))['x/y']!.points).toHaveLength(22);
  });

  it('a quantity that is not measured any more vanishes with its last point', () => {
    const history = createHistory(5);
    history(seen(0, 4));
    expect(Object.keys(history({ ...seen(3, 4), series: {} }))).toEqual(['x/y']);
    expect(Object.keys(history({ ...seen(20, 4), series: {} }))).toEqual([]);
  });
});
