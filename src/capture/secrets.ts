/**
 * Recordings are passed around: what looks like a secret in a line of source or of a log does not enter them. Wrong in the safe direction:
 * a harmless literal may be replaced too.
 */
const SECRET_NAME =
  /pass(word|wd|phrase|code)?|pwd|secret|token|api[-_]?key|access[-_]?key|credential|authori[sz]ation|private[-_]?key|connection[-_]?string|cookie|dsn|salt|signature/i;
/** user:password@host in a URL, and what looks like key material wherever it stands. */
const SECRET_TEXT =
  /(\w+:\/\/[^\s:/@'"`]*:)[^\s@'"`]+@|\b(?:[sp]k[-_]|ghp_|gho_|github_pat_|glpat-|xox[abps]-|AKIA|AIza|eyJ)[\w-]{10,}(?:\.[\w-]+)*/g;
/** Long, of letters and digits, without a space: keys and hashes look so, and prose does not. */
const RANDOM_LITERAL = /(['"`])(?=[^'"`]*\d)(?=[^'"`]*[A-Za-z])[A-Za-z0-9+/_=-]{32,}\1/g;
/** A literal, also one that goes on in the next line. */
const LITERAL = /(['"`])(?:\\.|(?!\1).)*(?:\1|$)/g;
const KEY_BLOCK_BEGINS = /-----BEGIN [A-Z0-9 ]+-----/;
const KEY_BLOCK_ENDS = /-----END [A-Z0-9 ]+-----/;
const HIDDEN = '•••';

/** One line of source code. */
export function withoutSecrets(line: string): string {
  const plain = line
    .replace(SECRET_TEXT, (_, prefix: string | undefined) => (prefix ? `${prefix}${HIDDEN}@` : HIDDEN))
    .replace(RANDOM_LITERAL, `$1${HIDDEN}$1`)
    .replace(/\b(bearer|basic)\s+(?=[\w.+/=-]*\d)[\w.+/=-]{8,}/gi, `$1 ${HIDDEN}`);
  if (SECRET_NAME.test(plain))
    return plain.replace(LITERAL, `$1${HIDDEN}$1`).replace(COMMENT, (comment) => (SECRET_NAME.test(comment) ? `// ${HIDDEN}` : comment));
  // A statement is what one wants to see, the values in it are not.
  return plain.replace(LITERAL, (literal: string) =>
    STATEMENT.test(literal) ? literal[0] + literal.slice(1, -1).replace(INNER_LITERAL, `'${HIDDEN}'`) + literal.at(-1) : literal,
  );
}

const COMMENT = /(?<=^|\s)\/\/.*$|\/\*.*?(?:\*\/|$)/g;
const STATEMENT = /\b(?:select\b.+\bfrom|insert\s+into|update\b.+\bset|delete\s+from|where|values)\b/i;
/** Quoted within a quoted text, or a number too long to be a limit. */
const INNER_LITERAL = /\\?(['"])(?:(?!\1).)*\1|\b\d{6,}\b/g;

/** A URL's path: what looks like a value in it (a token, an id, an address) may be a key to something or say who somebody is. */
export function pathWithoutSecrets(path: string): string {
  return path
    .split('/')
    .map((segment) => (isPrivate(segment) ? HIDDEN : segment.replace(SECRET_TEXT, HIDDEN)))
    .join('/');
}

/** "GET /reset/9f1c2ab4" as the load was told to ask for: values become `:id`, as in the routes that the probe names. */
export function routeWithoutSecrets(route: string): string {
  return route
    .split('/')
    .map((segment) => (isPrivate(segment) ? ':id' : segment))
    .join('/');
}

/** Letters and digits mixed, at some length; an address; anything very long. Numbers alone tell nobody apart in a report. */
function isPrivate(segment: string): boolean {
  return /@|%40/.test(segment) || segment.length > 40 || /^(?=.*\d)(?=.*[A-Za-z])[\w.~%+=-]{12,}$/.test(segment);
}

/** A whole file's lines, for keys that go over several. */
export function linesWithoutSecrets(lines: readonly string[]): string[] {
  let inKey = false;
  return lines.map((line) => {
    if (inKey) {
      inKey = !KEY_BLOCK_ENDS.test(line);
      return HIDDEN;
    }
    if (!KEY_BLOCK_BEGINS.test(line)) return withoutSecrets(line);
    inKey = !KEY_BLOCK_ENDS.test(line);
    return HIDDEN;
  });
}

/** One line of a log: values need no quotes there, and messages quote what the program was given. */
export function logWithoutSecrets(line: string): string {
  return statementsWithoutLiterals(withoutSecrets(line))
    .replace(/\b(bearer|basic)\s+[^\s'",;]+/gi, `$1 ${HIDDEN}`)
    .replace(/\b((?:set-)?cookie["']?\s*[=:]\s*).*/gi, `$1${HIDDEN}`)
    .replace(/([\w-]*(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|credential)[\w-]*["']?\s*[=:]\s*)[^\s'",;&]+/gi, `$1${HIDDEN}`)
    .replace(/([?&][\w.[\]-]+=)[^\s&'"#]+/g, `$1${HIDDEN}`)
    .replace(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, HIDDEN)
    .replace(/\b(\([\w, ]+\)=\()[^)]*/g, `$1${HIDDEN}`)
    .replace(isStackFrame(line) ? /$^/ : TEMPORARY_FILE, `$1${HIDDEN}`);
}

/** What programs write for a while is named after whom they write it for. */
const TEMPORARY_FILE = /((?:\/private)?(?:\/var)?\/tmp\/|\\Temp\\)[^\s'"`,;)]+/g;

function isStackFrame(line: string): boolean {
  return /^\s+at /.test(line) || /^(?:file:\/\/)?\/\S+:\d+(?::\d+)?$/.test(line);
}

/** A line that holds SQL, without the values in it: quoted in any way, or numbers. */
function statementsWithoutLiterals(line: string): string {
  if (!STATEMENT.test(line)) return line;
  return line
    .replace(/'(?:[^']|'')*'|(?<=[=<>(,]\s*)"[^"]*"/g, `'${HIDDEN}'`)
    .replace(/(?<=(?:[=<>(,]|\b(?:limit|between|and|values))\s*)-?\d+(?:\.\d+)?\b/gi, HIDDEN);
}

const SECRET_ARGUMENT = /(pass|pwd|secret|token|key|auth|credential)/i;

/** A command line: values of arguments that are named like secrets, and passwords in URLs. */
export function withoutSecretArguments(command: readonly string[]): string[] {
  return command.map((argument, i) => {
    const [name, value] = argument.split(/=(.*)/s);
    if (value !== undefined && SECRET_ARGUMENT.test(name!)) return `${name}=${HIDDEN}`;
    const before = command[i - 1] ?? '';
    if (before.startsWith('-') && !before.includes('=') && SECRET_ARGUMENT.test(before) && !argument.startsWith('-')) return HIDDEN;
    return argument.replace(SECRET_TEXT, (_, prefix: string | undefined) => (prefix ? `${prefix}${HIDDEN}@` : HIDDEN));
  });
}
