// Makes docs/report.schema.json from the types in src/model, so that the published schema can't say anything else than they do.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';

type Json = Record<string, unknown>;
// The parser's own node types are unions of hundreds; only the few shapes below are read.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Node = any;

const root = resolve(fileURLToPath(import.meta.url), '../..');

/** The JSON Schema (2020-12) of src/model/report.ts as text. */
export function reportSchema(): string {
  const types = new Types(resolve(root, 'src/model/report.ts'));
  const schema = types.define('Report');
  const { [schema.$ref!.split('/').pop()!]: report, ...rest } = types.definitions;
  return `${JSON.stringify(
    { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'ddx report', ...(report as Json), $defs: rest },
    null,
    2,
  )}\n`;
}

/** Type declarations of one file and of those it imports types from. */
class Types {
  readonly definitions: Record<string, Json> = {};
  private readonly declarations = new Map<string, { node: Node; says: string | undefined }>();

  constructor(file: string) {
    this.load(file, new Set());
  }

  define(name: string): { $ref?: string } {
    const ref = { $ref: `#/$defs/${name}` };
    if (name in this.definitions) return ref;
    const declaration = this.declarations.get(name);
    if (!declaration) throw new Error(`No type is called ${name}.`);
    this.definitions[name] = {};
    const { node, says } = declaration;
    const schema = node.type === 'TSInterfaceDeclaration' ? this.interfaceOf(node) : this.of(node.typeAnnotation);
    this.definitions[name] = { ...(says ? { description: says } : {}), ...schema };
    return ref;
  }

  private load(file: string, seen: Set<string>): void {
    if (seen.has(file)) return;
    seen.add(file);
    const source = readFileSync(file, 'utf8');
    const { program, comments } = parseSync(file, source);
    const says = (node: Node): string | undefined => docBefore(node.start, source, comments);
    for (const statement of program.body as Node[]) {
      if (statement.type === 'ImportDeclaration') this.load(resolve(dirname(file), statement.source.value.replace(/\.js$/, '.ts')), seen);
      const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
      if (declaration?.type !== 'TSInterfaceDeclaration' && declaration?.type !== 'TSTypeAliasDeclaration') continue;
      for (const member of declaration.body?.body ?? []) member.says = says(member);
      this.declarations.set(declaration.id.name, { node: declaration, says: says(statement) });
    }
  }

  private interfaceOf(node: Node): Json {
    const own = this.members(node.body.body);
    const parents = (node.extends ?? []).map((parent: Node) => this.interfaceOf(this.declarations.get(parent.expression.name)!.node));
    return merged([...parents, own]);
  }

  private members(members: Node[]): Json {
    const properties: Json = {};
    const required: string[] = [];
    let additional: unknown = false;
    for (const member of members) {
      if (member.type === 'TSIndexSignature') {
        additional = this.of(member.typeAnnotation.typeAnnotation);
        continue;
      }
      const name = member.key.name ?? member.key.value;
      const schema = this.of(member.typeAnnotation.typeAnnotation);
      properties[name] = member.says ? { description: member.says, ...schema } : schema;
      if (!member.optional) required.push(name);
    }
    return { type: 'object', properties, ...(required.length > 0 ? { required } : {}), additionalProperties: additional };
  }

  private of(node: Node): Json {
    switch (node.type) {
      case 'TSStringKeyword':
        return { type: 'string' };
      case 'TSNumberKeyword':
        return { type: 'number' };
      case 'TSBooleanKeyword':
        return { type: 'boolean' };
      case 'TSNullKeyword':
        return { type: 'null' };
      case 'TSArrayType':
        return { type: 'array', items: this.of(node.elementType) };
      case 'TSNamedTupleMember':
        return this.of(node.elementType);
      case 'TSTupleType':
        return {
          type: 'array',
          prefixItems: node.elementTypes.map((item: Node) => this.of(item)),
          items: false,
          minItems: node.elementTypes.length,
        };
      case 'TSLiteralType':
        return { const: node.literal.value };
      case 'TSTemplateLiteralType':
        return { type: 'string', pattern: '^[a-z]+/.+$' };
      case 'TSTypeLiteral':
        return this.members(node.members);
      case 'TSUnionType':
        return union(node.types.map((type: Node) => this.of(type)));
      case 'TSIntersectionType':
        return merged(node.types.map((type: Node) => this.inlined(type)));
      case 'TSIndexedAccessType':
        return (this.inlined(node.objectType).properties as Record<string, Json>)[node.indexType.literal.value]!;
      case 'TSTypeReference':
        return this.reference(node);
    }
    throw new Error(`The schema generator does not know ${node.type}.`);
  }

  private reference(node: Node): Json {
    const name = node.typeName.name;
    const [first, second] = node.typeArguments?.params ?? [];
    if (name === 'Record' && first.type === 'TSStringKeyword') return { type: 'object', additionalProperties: this.of(second) };
    if (name === 'Partial') return { ...this.of(first), required: undefined };
    if (name === 'Record') {
      const keys = (this.inlined(first).enum ?? []) as string[];
      return {
        type: 'object',
        properties: Object.fromEntries(keys.map((key) => [key, this.of(second)])),
        required: keys,
        additionalProperties: false,
      };
    }
    return this.define(name);
  }

  private inlined(node: Node): Json {
    if (node.type !== 'TSTypeReference') return this.of(node);
    this.define(node.typeName.name);
    return this.definitions[node.typeName.name]!;
  }
}

function union(schemas: Json[]): Json {
  if (schemas.every((schema) => 'const' in schema)) return { enum: schemas.map((schema) => schema.const) };
  const [nullable, rest] = [schemas.find((schema) => schema.type === 'null'), schemas.filter((schema) => schema.type !== 'null')];
  if (nullable && rest.length === 1 && typeof rest[0]!.type === 'string' && rest[0]!.type !== 'object')
    return { ...rest[0], type: [rest[0]!.type, 'null'] };
  return { anyOf: schemas };
}

function merged(schemas: Json[]): Json {
  return {
    type: 'object',
    properties: Object.assign({}, ...schemas.map((schema) => schema.properties)),
    required: schemas.flatMap((schema) => (schema.required ?? []) as string[]),
    additionalProperties: schemas.at(-1)?.additionalProperties ?? false,
  };
}

/** The text of the JSDoc comment that ends right before a position. */
function docBefore(start: number, source: string, comments: { type: string; value: string; end: number }[]): string | undefined {
  const comment = comments.findLast(({ end }) => end <= start);
  if (comment?.type !== 'Block' || !comment.value.startsWith('*') || source.slice(comment.end, start).trim() !== '') return undefined;
  return comment.value
    .slice(1)
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s?/, '').trim())
    .filter((line) => line !== '')
    .join(' ');
}
