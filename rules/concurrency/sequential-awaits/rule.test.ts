import { describe, expect, it } from 'vitest';
import { type SerialAwaits, serialAwaits } from '../../../src/facts/serial-awaits.js';
import { factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const at = (line: number) => ({ file: 'src/page.js', line, function: 'showPage', source: 'app' as const });
const page: SerialAwaits = {
  route: 'GET /items/:id/page',
  steps: [
    { location: at(8), ms: 40, dest: 'http://price' },
    { location: at(9), ms: 60, dest: 'http://stock' },
    { location: at(10), ms: 50, dest: 'http://media' },
  ],
  sumMs: 150,
  longestMs: 60,
  requestMs: 156,
  requests: 120,
};
const judge = (...all: SerialAwaits[]) => rule.judge(factsOf(given(window, tenSeconds()), given(serialAwaits, all)));

describe('concurrency/sequential-awaits', () => {
  it('shows the steps, and what at once would take', () => {
    const verdict = judge(page);
    expect(verdict).toMatchObject({ is: 'present', findings: [{ location: at(8), route: page.route }] });
    expect(JSON.stringify(verdict)).toContain('src/page.js:10 waits 50 ms');
    expect(JSON.stringify(verdict)).toContain('at once it would take 60 ms');
  });
  it('is absent where little would be saved', () => {
    expect(judge({ ...page, sumMs: 105 })).toMatchObject({ is: 'absent', because: { value: 45 } });
  });
  it('is absent where something else makes the route slow', () => {
    expect(judge({ ...page, requestMs: 400 }).is).toBe('absent');
  });
  it('is absent where one slow answer outweighs what asking at once would save', () => {
    const two = { ...page, steps: page.steps.slice(0, 2), sumMs: 500, longestMs: 300, requestMs: 505 };
    expect(judge(two)).toMatchObject({ is: 'absent', because: { says: expect.stringContaining('takes 300 ms') } });
    expect(judge({ ...two, sumMs: 580 }).is).toBe('present');
  });
  it('is absent where nothing stands in a row', () => {
    expect(judge()).toMatchObject({ is: 'absent', because: { value: 0 } });
  });
});
