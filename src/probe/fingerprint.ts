/** Where dialects differ in what is a value. `mysql`: "x" is a string, backslashes escape, # begins a comment. */
export type Dialect = 'postgres' | 'mysql';

/** A statement's beginning tells which one it is; bulk inserts may have megabytes. */
const READ_CHARACTERS = 4096;
const KEPT_CHARACTERS = 200;
/** Text of parametrised statements repeats; what does not is not worth keeping. */
const MAX_CACHED = 500;
const CACHED_CHARACTERS = 1024;

const cache: Record<Dialect, Map<string, string>> = { postgres: new Map(), mysql: new Map() };

/**
 * The statement without its values: literals, numbers and parameters become "?", lists of them "?+", comments go, length is bounded.
 * What can't be told apart from a value is taken for one: unterminated quotes swallow the rest, and a quoted name stays only where it
 * looks like a name.
 */
export function fingerprint(sql: string, dialect: Dialect): string {
  const known = cache[dialect].get(sql);
  if (known !== undefined) return known;
  const text = shorten(withoutValues(sql.length > READ_CHARACTERS ? sql.slice(0, READ_CHARACTERS) : sql, dialect));
  if (sql.length <= CACHED_CHARACTERS) {
    if (cache[dialect].size >= MAX_CACHED) cache[dialect].clear();
    cache[dialect].set(sql, text);
  }
  return text;
}

/** Forgets every statement seen. */
export function forgetStatements(): void {
  for (const map of Object.values(cache)) map.clear();
}

const SPACE = /\s/y;
/** 12, 1.5e-3, .5, 0xFF, 1_000; letters glued to digits belong to the number. */
const NUMBER = /(?:\d|\.\d)[\w.]*(?:(?<=[eE])[+-]\d+)?/y;
/** A letter, also of other scripts, or _; MySQL and PostgreSQL allow $ inside. */
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
/** $1, :name, @name, @@name; ":" twice is a cast. */
const PARAMETER = /\$\d+|:[A-Za-z_]\w*|@{1,2}[\w.$]+|\?+/y;
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
/** Introducers that stand directly before a string: E'..', B'..', X'..', N'..', U&'..', _utf8'..'. */
const INTRODUCER = /^(?:[ebxn]|_\w+)$/i;
/** Whether this ends the string depends on a setting of the server (sql_mode, standard_conforming_strings): nothing after it is certain. */
const ESCAPED_QUOTE = /\\['"]/;
const NAME = /^[A-Za-z_][\w$ .-]{0,62}$/;
const SECRET_LIKE = /\d{5}|[\w-]{41}/;

function withoutValues(sql: string, dialect: Dialect): string {
  let out = '';
  let at = 0;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(sql);
    if (!match) return null;
    at = pattern.lastIndex;
    return match[0];
  };
  while (at < sql.length) {
    const char = sql[at]!;
    if (take(SPACE)) out += ' ';
    else if (isLineComment(sql, at, dialect)) {
      at = endOr(sql, sql.indexOf('\n', at));
      out += ' ';
    } else if (char === '/' && sql[at + 1] === '*') {
      at = endOfComment(sql, at, dialect === 'postgres');
      out += ' ';
    } else if (char === "'" || (char === '"' && dialect === 'mysql')) {
      const from = at;
      const escapes = /(?:^|\W)e$/i.test(out);
      at = endOfQuote(sql, at, escapes);
      out = `${withoutIntroducer(out)}?`;
      if (!escapes && ESCAPED_QUOTE.test(sql.slice(from, at))) return `${out}…`;
    } else if (char === '"' || char === '`') {
      const from = at + 1;
      at = endOfQuote(sql, at, false);
      const name = sql.slice(from, at - 1);
      out += sql[at - 1] === char && at > from && NAME.test(name) && !SECRET_LIKE.test(name) ? `${char}${name}${char}` : '?';
    } else if (char === '$' && dialect === 'postgres' && take(DOLLAR_QUOTE)) {
      const tag = sql.slice(sql.lastIndexOf('$', at - 2), at);
      const close = sql.indexOf(tag, at);
      at = close < 0 ? sql.length : close + tag.length;
      out += '?';
    } else if (char === ':' && sql[at + 1] === ':') {
      out += '::';
      at += 2;
    } else if (take(PARAMETER) || take(NUMBER)) out += '?';
    else {
      const word = take(WORD);
      if (word === null) at++;
      out += word ?? char;
    }
  }
  return out;
}

function isLineComment(sql: string, at: number, dialect: Dialect): boolean {
  return (sql[at] === '-' && sql[at + 1] === '-') || (sql[at] === '#' && dialect === 'mysql');
}

function withoutIntroducer(out: string): string {
  const word = /[\w$&]+$/.exec(out)?.[0];
  return word && (INTRODUCER.test(word) || /^u&$/i.test(word)) ? out.slice(0, -word.length) : out;
}

/** Index after the closing quote; a doubled quote is a quote. */
function endOfQuote(sql: string, open: number, backslash: boolean): number {
  const quote = sql[open]!;
  for (let i = open + 1; i < sql.length; i++) {
    if (backslash && sql[i] === '\\') i++;
    else if (sql[i] === quote) {
      if (sql[i + 1] !== quote) return i + 1;
      i++;
    }
  }
  return sql.length;
}

/** PostgreSQL's comments nest, MySQL's do not. */
function endOfComment(sql: string, open: number, nested: boolean): number {
  let depth = 0;
  for (let i = open; i < sql.length; i++) {
    if (sql[i] === '*' && sql[i + 1] === '/') {
      i++;
      if (--depth <= 0) return i + 1;
    } else if (sql[i] === '/' && sql[i + 1] === '*' && (nested || depth === 0)) {
      depth++;
      i++;
    }
  }
  return sql.length;
}

function endOr(sql: string, index: number): number {
  return index < 0 ? sql.length : index;
}

/** Lists of values say how many there were; that changes from call to call and is no part of the statement. */
function shorten(text: string): string {
  const one = text
    .replace(/\s+/g, ' ')
    .replace(/([([]) ?-?\?(?: ?, ?-?\?)+ ?([)\]])/g, '$1?+$2')
    .replace(/(\((?:\?\+|\?)\))(?: ?, ?\((?:\?\+|\?)\))+/g, '$1')
    .trim()
    .replace(/;$/, '');
  return one.length > KEPT_CHARACTERS ? `${one.slice(0, KEPT_CHARACTERS - 1)}…` : one;
}
