/** Where a Node.js process opens its inspector. `port` 0: anywhere. */
export interface InspectAddress {
  host: string;
  port: number;
}

const DEFAULT: InspectAddress = { host: '127.0.0.1', port: 9229 };
const OPTION = /^--(?:inspect|inspect-brk|inspect-wait|inspect-port|debug-port)(?:=(.*))?$/;

/** What its command line and NODE_OPTIONS say; the command line wins. */
export function inspectAddress(argv: readonly string[], nodeOptions: string): InspectAddress {
  return fromWords(argv.slice(1)) ?? fromWords(nodeOptions.split(/\s+/)) ?? DEFAULT;
}

function fromWords(words: readonly string[]): InspectAddress | null {
  let found: InspectAddress | null = null;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    // Node's own options end where the script begins.
    if (!word.startsWith('-')) break;
    const match = OPTION.exec(word);
    if (!match) continue;
    const separate = /port$/.test(word) ? words[i + 1] : undefined;
    const value = match[1] ?? separate;
    if (separate !== undefined && match[1] === undefined) i++;
    if (value !== undefined) found = parseAddress(value) ?? found;
  }
  return found;
}

/** "9230", "host:9230", "[::1]:9230" or just a host. */
function parseAddress(text: string): InspectAddress | null {
  const match = /^(?:(\[[^\]]+\]|[^:]*):)?(\d+)$/.exec(text);
  if (!match) return text === '' ? null : { ...DEFAULT, host: text };
  const port = Number(match[2]);
  return port <= 65_535 ? { host: reachable(match[1] || DEFAULT.host), port } : null;
}

function reachable(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host === '[::]' ? '[::1]' : host;
}
