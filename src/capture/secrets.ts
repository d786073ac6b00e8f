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
    .replace(RANDOM_LITERAL, `$1${HIDDEN}$1`);
  return SECRET_NAME.test(plain) ? plain.replace(LITERAL, `$1${HIDDEN}$1`) : plain;
}

/** A URL's path: what is long and random in it may be a key to something. */
export function pathWithoutSecrets(path: string): string {
  return path
    .split('/')
    .map((segment) => (/^(?=.*\d)(?=.*[A-Za-z])[\w.~%+=-]{20,}$/.test(segment) ? HIDDEN : segment.replace(SECRET_TEXT, HIDDEN)))
    .join('/');
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

/** One line of a log: values need no quotes there. */
export function logWithoutSecrets(line: string): string {
  return withoutSecrets(line)
    .replace(/\b(bearer|basic)\s+[^\s'",;]+/gi, `$1 ${HIDDEN}`)
    .replace(/([\w-]*(?:pass(?:word|wd)?|pwd|secret|token|api[-_]?key|credential)[\w-]*["']?\s*[=:]\s*)[^\s'",;&]+/gi, `$1${HIDDEN}`);
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
