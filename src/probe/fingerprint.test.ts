import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dialect, fingerprint } from './fingerprint.js';

describe('fingerprint', () => {
  it.each<[Dialect, string, string]>([
    ['postgres', 'SELECT * FROM orders WHERE id = $1 AND state = $2', 'SELECT * FROM orders WHERE id = ? AND state = ?'],
    ['postgres', "select 'it''s', E'a\\'b', 12, -1.5e-3, .5, 0xFF", 'select ?, ?, ?, -?, ?, ?'],
    [
      'postgres',
      'select id::text from t where a in (1, 2,3)\n  and b = any(array[1,2])',
      'select id::text from t where a in (?+) and b = any(array[?+])',
    ],
    ['postgres', 'insert into t (a, b) values ($1, $2), ($3, $4),($5,$6)', 'insert into t (a, b) values (?+)'],
    ['postgres', 'select $$secret$$, $tag$ $$ more $tag$, "User"."id" from "User"', 'select ?, ?, "User"."id" from "User"'],
    ['postgres', 'select 1 -- secret\n/* outer /* inner */ still */ from t;', 'select ? from t'],
    ['postgres', "select B'101', X'1F', U&'\\0041', N'x' from t2", 'select ?, ?, ?, ? from t2'],
    ['postgres', "select 'a\\b', 5, 'abc\\', 6 from t", 'select ?, ?, ?…'],
    ['mysql', 'select "text", `name` from `t` where a = ? # gone', 'select ?, `name` from `t` where a = ?'],
    ['mysql', "select _utf8'x', @user, @@global.x, 'a\\'b' from t", 'select ?, ?, ?, ?…'],
    ['mysql', 'insert into t values (1, "a"), (2, "b")', 'insert into t values (?+)'],
    ['postgres', "select 'never closed", 'select ?'],
  ])('%s: %s', (dialect, sql, expected) => {
    expect(fingerprint(sql, dialect)).toBe(expected);
  });

  it('is bounded, whatever comes', () => {
    expect(fingerprint(`select ${'column_name, '.repeat(1e5)} 1`, 'postgres').length).toBeLessThanOrEqual(200);
  });

  it('never throws and always ends', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 100 }),
        fc.constantFrom<Dialect>('postgres', 'mysql'),
        (sql, dialect) => void fingerprint(sql, dialect),
      ),
    );
  });

  // A value that could not have come from anywhere else; digits and letters, so that neither kind of token gives it away alone.
  const secret = fc.stringMatching(/^[a-z]{4}9[a-z]{4}7[0-9]{6}$/);
  const places: Record<Dialect, ((value: string) => string)[]> = {
    postgres: [
      (v) => `'${v}'`,
      (v) => `'it''s ${v}'`,
      (v) => `E'\\'${v}\\\\'`,
      (v) => `$$${v}$$`,
      (v) => `$q$ $$ ' ${v} $q$`,
      (v) => `U&'${v}'`,
      (v) => `1 -- ${v}\n`,
      (v) => `1 /* ' /* ${v} */ ${v} */`,
      (v) => `"${v}"`,
      (v) => `9${v}`,
      (v) => `:${v}`,
    ],
    mysql: [
      (v) => `'${v}'`,
      (v) => `"${v}"`,
      (v) => `"say ""${v}"""`,
      (v) => `'\\'${v}'`,
      (v) => `_latin1'${v}'`,
      (v) => `1 # ${v}\n`,
      (v) => `1 -- ${v}\n`,
      (v) => `1 /*! ${v} */`,
      (v) => `\`${v}\``,
      (v) => `@${v}`,
      (v) => `9${v}`,
    ],
  };
  it.each(['postgres', 'mysql'] as const)('%s: no value survives, in whatever quotes, in whatever company', (dialect) => {
    const value = fc.tuple(fc.constantFrom(...places[dialect]), secret);
    const glue = fc.constantFrom(' = ', ', ', ' (', ') AND x > ', ' || ', ' ', '\n', '::text, ', ' - ');
    fc.assert(
      fc.property(fc.array(fc.tuple(glue, value), { minLength: 1, maxLength: 12 }), fc.boolean(), (parts, cut) => {
        const whole = `SELECT a FROM t WHERE x${parts.map(([between, [put, text]]) => between + put(text)).join('')}`;
        // Cut anywhere, quotes stay open: still nothing may come out.
        const sql = cut ? whole.slice(0, -2) : whole;
        const print = fingerprint(sql, dialect);
        for (const [, [, text]] of parts) expect(print).not.toContain(text.slice(0, 8));
        expect(print).toMatch(/^SELECT a FROM t WHERE x/);
      }),
      { numRuns: 2000 },
    );
  });
});
