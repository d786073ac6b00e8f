import { describe, expect, it } from 'vitest';
import { backlog } from '../../../src/facts/backlog.js';
import { type OpenFiles, openFiles } from '../../../src/facts/open-files.js';
import { requests } from '../../../src/facts/requests.js';
import { factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const location = { file: 'src/media.js', line: 7, function: 'describeBook', source: 'app' as const };
const leaking: OpenFiles = {
  proc: 0,
  start: 30,
  end: 330,
  floors: [30, 105, 180, 255],
  socketsGrown: 2,
  limit: 1024,
  newConnections: 3,
  openers: [{ location, count: 290 }],
};
const judge = (files: OpenFiles, queued = 0) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(openFiles, files),
      given(requests, []),
      given(backlog, { atStart: 1, atEnd: 1 + queued, grown: queued, oldestShare: 0.5 }),
    ),
  );

describe('memory/fd-leak', () => {
  it('names who opens, how fast, and when the limit is reached', () => {
    const verdict = judge(leaking);
    expect(verdict).toMatchObject({ findings: [{ kind: 'files', symptom: 'risk', location }] });
    const said = verdict.is === 'present' ? verdict.findings[0]!.evidence.map(({ says }) => says).join('\n') : '';
    expect(said).toContain('the limit of 1024 is reached in 23 s');
  });

  it('is present without a place where nobody looked, and calls sockets what they are', () => {
    const verdict = judge({ ...leaking, openers: [], socketsGrown: 298 });
    expect(verdict).toMatchObject({ findings: [{ kind: 'sockets' }] });
    expect(verdict.is === 'present' && verdict.findings[0]!.location).toBeUndefined();
  });

  it('has the errors for a symptom where the limit is near', () => {
    expect(judge({ ...leaking, limit: 340 })).toMatchObject({ findings: [{ symptom: 'errors' }] });
  });

  it.each<[string, OpenFiles, number]>([
    ['few', { ...leaking, end: 40, floors: [30, 33, 35, 38] }, 0],
    ['a pool that fills and stops', { ...leaking, end: 130, floors: [30, 129, 130, 130] }, 0],
    ['a burst', { ...leaking, floors: [30, 30, 31, 40] }, 0],
    ['files of requests that wait', { ...leaking, end: 130, floors: [30, 55, 80, 105] }, 60],
    ['sockets of new clients', { ...leaking, socketsGrown: 298, newConnections: 310, openers: [] }, 0],
  ])('is absent for %s', (_, files, queued) => {
    expect(judge(files, queued).is).toBe('absent');
  });

  it('is not misled by clients that connect where files leak', () => {
    expect(judge({ ...leaking, newConnections: 400 }).is).toBe('present');
  });
});
