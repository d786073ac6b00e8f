import type { RequestTemplate } from '../options.js';
import { parseJson, unusable } from './recorded.js';

interface Schema {
  type?: string | string[];
  example?: unknown;
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  format?: string;
}
interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  example?: unknown;
  examples?: Record<string, { value?: unknown }>;
  schema?: Schema;
}
interface Operation {
  parameters?: Parameter[];
}

/**
 * One request for each GET and HEAD of an OpenAPI 3 description (JSON); parameters come from examples, defaults and types. Methods that
 * change something are left out: a load of deletes is nobody's wish. Throws DDX_SCENARIO.
 */
export function readOpenApi(file: string, text: string): { requests: RequestTemplate[]; notes: string[] } {
  const api = parseJson(file, text) as {
    openapi?: string;
    swagger?: string;
    paths?: Record<string, unknown>;
    servers?: { url?: string }[];
  } | null;
  if (typeof api !== 'object' || api === null || typeof api.paths !== 'object' || api.paths === null)
    throw unusable(file, 'it is no OpenAPI description: it has no paths', 'A scenario is a .mjs, a .har or an OpenAPI .json.');
  const base = basePath(api.servers?.[0]?.url);
  const requests: RequestTemplate[] = [];
  const left: string[] = [];
  for (const [path, item] of Object.entries(api.paths as Record<string, Record<string, unknown>>)) {
    for (const method of Object.keys(item ?? {}).filter((key) => /^(get|head|post|put|patch|delete)$/.test(key))) {
      const name = `${method.toUpperCase()} ${path}`;
      if (method !== 'get' && method !== 'head') {
        left.push(`${name} (changes something)`);
        continue;
      }
      const operation = item[method] as Operation;
      const parameters = [...((item['parameters'] as Parameter[] | undefined) ?? []), ...(operation.parameters ?? [])].map((one) =>
        resolved(one, api),
      );
      const asked = pathWith(`${base}${path}`, parameters);
      if ('missing' in asked) left.push(`${name} (no example for ${asked.missing})`);
      else requests.push({ method: method.toUpperCase(), path: asked.path, route: name, headers: asked.headers, weight: 1 });
    }
  }
  if (requests.length === 0)
    throw unusable(
      file,
      `none of its operations can be asked for: ${left.slice(0, 3).join(', ') || 'it has none'}`,
      'Write a scenario.mjs instead.',
    );
  return {
    requests,
    notes:
      left.length > 0
        ? [`Left out of ${file}: ${left.slice(0, 5).join(', ')}${left.length > 5 ? `, and ${left.length - 5} more` : ''}.`]
        : [],
  };
}

function pathWith(
  template: string,
  parameters: readonly Parameter[],
): { path: string; headers: Record<string, string> } | { missing: string } {
  let path = template;
  const query: string[] = [];
  const headers: Record<string, string> = {};
  for (const parameter of parameters) {
    if (!parameter.required && parameter.in !== 'path') continue;
    const value = valueFor(parameter);
    if (value === undefined) return { missing: parameter.name };
    if (parameter.in === 'path') path = path.replaceAll(`{${parameter.name}}`, value);
    else if (parameter.in === 'query') query.push(`${encodeURIComponent(parameter.name)}=${value}`);
    else if (parameter.in === 'header') headers[parameter.name] = value;
  }
  const [missing] = /\{[^}]+\}/.exec(path) ?? [];
  if (missing !== undefined) return { missing };
  return { path: query.length > 0 ? `${path}?${query.join('&')}` : path, headers };
}

function valueFor({ example, examples, schema = {} }: Parameter): string | undefined {
  const told = example ?? Object.values(examples ?? {})[0]?.value ?? schema.example ?? schema.default ?? schema.enum?.[0];
  if (told !== undefined) return encodeURIComponent(String(told));
  const types = [schema.type].flat();
  if (types.includes('integer') || types.includes('number')) {
    const low = Math.max(0, Math.ceil(schema.minimum ?? 1));
    return `[${low}-${Math.max(low, Math.floor(schema.maximum ?? low + 99))}]`;
  }
  if (types.includes('boolean')) return 'true';
  return schema.format === 'uuid' ? '00000000-0000-4000-8000-000000000000' : undefined;
}

/** "#/components/parameters/Id" stands for what is there. */
function resolved(parameter: Parameter & { $ref?: string }, api: object): Parameter {
  if (parameter.$ref === undefined) return parameter;
  let value: unknown = api;
  for (const key of parameter.$ref.replace(/^#\//, '').split('/')) value = (value as Record<string, unknown> | undefined)?.[key];
  return (value as Parameter | undefined) ?? parameter;
}

function basePath(url: string | undefined): string {
  if (url === undefined) return '';
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  return path.startsWith('/') ? path.replace(/\/$/, '') : '';
}
