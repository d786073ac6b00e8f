import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { validateXML } from 'xmllint-wasm';

/** What is wrong with a document by its format's own definition, as readable lines; none where it is valid. */
export type Check<Document> = (document: Document) => string[];

const require = createRequire(import.meta.url);

function compiled(schema: object): Check<unknown> {
  const validate = new Ajv({ strict: false, allErrors: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
  return (document) => (validate(document) ? [] : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`));
}

/** OASIS, as Microsoft's SARIF tools carry it. Of draft 4 it uses nothing that later drafts read otherwise, but for the name of its id. */
function sarifSchema(): object {
  const { $schema: _, id, ...schema } = require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
  return { $id: id, ...schema };
}
export const sarifProblems = compiled(sarifSchema());

export const speedscopeProblems = compiled({
  ...require('speedscope/dist/release/file-format-schema.json'),
  $ref: '#/definitions/FileFormat.File',
});

/** The DevTools protocol's own definition of a type, as JSON Schema: `Profiler.Profile` and what it refers to. */
function protocolSchema(domain: string, type: string): object {
  interface Definition {
    id?: string;
    name?: string;
    $ref?: string;
    type?: string;
    optional?: boolean;
    items?: Definition;
    properties?: Definition[];
  }
  const { domains } = require('devtools-protocol/json/js_protocol.json') as { domains: { domain: string; types?: Definition[] }[] };
  const find = (within: string, id: string) => domains.find((one) => one.domain === within)!.types!.find((one) => one.id === id)!;
  const convert = (within: string, definition: Definition): object => {
    if (definition.$ref) {
      const [first, second] = definition.$ref.split('.') as [string, string | undefined];
      return second ? convert(first, find(first, second)) : convert(within, find(within, first));
    }
    if (definition.items) return { type: 'array', items: convert(within, definition.items) };
    if (!definition.properties) return { type: definition.type };
    return {
      type: 'object',
      additionalProperties: false,
      required: definition.properties.filter(({ optional }) => !optional).map(({ name }) => name),
      properties: Object.fromEntries(definition.properties.map((property) => [property.name, convert(within, property)])),
    };
  };
  return convert(domain, find(domain, type));
}
export const cpuProfileProblems = compiled(protocolSchema('Profiler', 'Profile'));

const junitSchema = readFileSync(new URL('junit.xsd', import.meta.url), 'utf8');

/** By libxml2: well formed, and valid by the schema beside this file. */
export async function junitProblems(documents: readonly string[]): Promise<string[]> {
  const xml = documents.map((contents, i) => ({ fileName: `${i}.xml`, contents }));
  const { errors } = await validateXML({ xml, schema: junitSchema, initialMemoryPages: 512, maxMemoryPages: 4096 });
  return errors.map(({ message }) => message);
}
