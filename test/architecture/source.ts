import { parseSync } from 'oxc-parser';

export interface Import {
  readonly specifier: string;
  readonly line: number;
  readonly typeOnly: boolean;
}

export interface Parsed {
  readonly imports: Import[];
  /** Places that depend on when or where they run: "Date.now". */
  readonly impurities: { what: string; line: number }[];
}

interface AstNode {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

const IMPURE_NAMES = new Set(['process', 'console', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'crypto']);
const IMPURE_MEMBERS = new Set(['Date.now', 'Math.random']);

export function parse(path: string, text: string): Parsed {
  const parsed: Parsed = { imports: [], impurities: [] };
  const lineOf = (node: AstNode) => text.slice(0, node.start).split('\n').length;
  const { program, errors } = parseSync(path, text);
  // What the compiler accepts and oxc does not still comes with a tree; only a text that cannot be read has none.
  if (errors.length > 0 && program.body.length === 0) throw new Error(`${path}: ${errors[0]!.message}`);
  walk(program as unknown as AstNode, [], '', (node, ancestors, key) => {
    const found = importOf(node);
    if (found) parsed.imports.push({ ...found, line: lineOf(node) });
    const what = impurityOf(node, ancestors, key);
    if (what) parsed.impurities.push({ what, line: lineOf(node) });
  });
  return parsed;
}

/** `key`: where in its parent (the last of `ancestors`) a node stands. */
type Visit = (node: AstNode, ancestors: readonly AstNode[], key: string) => void;

function walk(node: AstNode, ancestors: readonly AstNode[], key: string, visit: Visit): void {
  visit(node, ancestors, key);
  const below = [...ancestors, node];
  for (const [name, child] of Object.entries(node)) {
    for (const item of Array.isArray(child) ? child : [child]) if (isNode(item)) walk(item, below, name, visit);
  }
}

function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && typeof (value as AstNode).type === 'string';
}

function importOf(node: AstNode): Omit<Import, 'line'> | null {
  const specifier = literal(node['source'] ?? node['argument']);
  switch (node.type) {
    case 'ImportDeclaration':
      return specifier === null ? null : { specifier, typeOnly: isTypeOnly(node, 'importKind') };
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return specifier === null ? null : { specifier, typeOnly: isTypeOnly(node, 'exportKind') };
    case 'ImportExpression':
      return { specifier: specifier ?? '(computed)', typeOnly: false };
    case 'TSImportType':
      return { specifier: specifier ?? '(computed)', typeOnly: true };
    case 'TSExternalModuleReference':
      return { specifier: literal(node['expression']) ?? '(computed)', typeOnly: false };
    case 'CallExpression': {
      const callee = node['callee'] as AstNode;
      const first = literal((node['arguments'] as unknown[])[0]);
      return callee.type === 'Identifier' && callee['name'] === 'require' && first !== null ? { specifier: first, typeOnly: false } : null;
    }
    default:
      return null;
  }
}

function isTypeOnly(node: AstNode, kind: 'importKind' | 'exportKind'): boolean {
  if (node[kind] === 'type') return true;
  const specifiers = (node['specifiers'] ?? []) as AstNode[];
  return specifiers.length > 0 && specifiers.every((specifier) => specifier[kind] === 'type');
}

function literal(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === 'TSLiteralType') return literal(node['literal']);
  return node.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : null;
}

function impurityOf(node: AstNode, ancestors: readonly AstNode[], key: string): string | null {
  if (node.type === 'NewExpression' && (node['callee'] as AstNode)['name'] === 'Date') return 'new Date';
  if (node.type === 'MemberExpression' && node['computed'] === false) {
    const member = `${(node['object'] as AstNode)['name']}.${(node['property'] as AstNode)['name']}`;
    return IMPURE_MEMBERS.has(member) ? member : null;
  }
  const name = node['name'];
  if (node.type !== 'Identifier' || typeof name !== 'string' || !IMPURE_NAMES.has(name)) return null;
  const parent = ancestors.at(-1);
  const isMemberName = (key === 'property' || key === 'key') && parent?.['computed'] !== true;
  if (isMemberName || parent?.type.startsWith('TS')) return null;
  // A recording has a stream called `process`: a local of that name is not Node's.
  return ancestors.some((ancestor) => localsOf(ancestor).has(name)) ? null : name;
}

const knownLocals = new WeakMap<AstNode, ReadonlySet<string>>();
const NONE: ReadonlySet<string> = new Set();

/** Names that a function binds, as parameters or anywhere in its body. */
function localsOf(node: AstNode): ReadonlySet<string> {
  if (!/Function/.test(node.type)) return NONE;
  const known = knownLocals.get(node);
  if (known) return known;
  const names = new Set<string>();
  for (const param of node['params'] as AstNode[]) bind(param, names);
  walk(node['body'] as AstNode, [], '', (inner) => {
    if (inner.type === 'VariableDeclarator') bind(inner['id'] as AstNode, names);
  });
  knownLocals.set(node, names);
  return names;
}

function bind(pattern: AstNode, names: Set<string>): void {
  const defaults: AstNode[] = [];
  walk(pattern, [], '', (node, ancestors, key) => {
    if (node.type === 'AssignmentPattern') defaults.push(node['right'] as AstNode);
    const isName = node.type === 'Identifier' && (key !== 'key' || ancestors.at(-1)?.['shorthand'] === true);
    if (isName && !defaults.some((value) => value.start <= node.start && node.start < (value['end'] as number)))
      names.add(node['name'] as string);
  });
}
