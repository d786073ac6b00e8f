import { describe, expect, it } from 'vitest';
import { backtrackingOf } from './pattern.js';

describe('how a pattern may backtrack', () => {
  it.each(['^(a+)+$', '^([a-z0-9]+[-_.]?)+@[a-z0-9.]+$', '(a|aa)+b', '^(\\w+\\s?)*$', '(?:x*)*y', '([^)]+)+z', '^(?:a{2,}){3,}$'])(
    '%s: exponentially',
    (source) => expect(backtrackingOf(source)).toBe('exponential'),
  );
  it.each(['\\s+$', '^.*,.*,.*x$', '\\d+\\d+x'])('%s: by a power', (source) => expect(backtrackingOf(source)).toBe('polynomial'));
  it.each(['^[a-z(+*)]{3}$', 'a+', '^\\(a\\+\\)b$', '[+*]', '^(?:abc)?d$', ''])('%s: in about one pass', (source) =>
    expect(backtrackingOf(source)).toBe('regular'),
  );
});
