import type { App, Route } from '../scenario.js';
import type { Draw } from './draw.js';
import { announce, backlogArgument, type Entry } from './entry.js';
import { plainHttp, READ_JSON } from './plain-http.js';
import { js } from './source.js';

export type Framework = 'node:http' | 'express' | 'express4' | 'fastify' | 'koa' | 'hono';
export const FRAMEWORKS: readonly Framework[] = ['node:http', 'express', 'fastify', 'koa', 'express4', 'hono'];

const ENTRIES: Record<Framework, (routes: Route[], draw: Draw, backlog?: number) => Entry> = {
  'node:http': plainHttp,
  express: (routes, draw, backlog) => express(routes, draw, backlog, 'express'),
  express4: (routes, draw, backlog) => express(routes, draw, backlog, 'express4'),
  fastify,
  koa,
  hono,
};

/** Source of the server's entry: imports, routes, start. `draw` decides matters of taste that differ between developers. */
export function writeServer(app: App, framework: Framework, draw: Draw): string {
  const entry = ENTRIES[framework](staticFirst(app.routes), draw, app.backlog);
  const boot = (app.boot ?? []).map(({ call }) => `${call};`);
  const settings = (app.serverLines ?? []).map((line) => line.replaceAll('{server}', entry.server));
  return js`
    ${[...entry.imports, ...localImports(app)].join('\n')}

    ${entry.setup}

    ${[...boot, `const port = Number(process.env.PORT ?? ${draw.pick([3000, 4000, 8080, 5001])});`].join('\n')}
    ${listening(entry, app)}
    ${settings.join('\n')}
  `;
}

/** A backlog of the app's own is its cause line. */
function listening({ listen }: Entry, { backlog }: App): string {
  return backlog === undefined ? listen : listen.replace('\n', ' //@cause\n');
}

function localImports(app: App): string[] {
  const namesByModule = new Map<string, Set<string>>();
  const wanted = [
    ...app.routes.map((route) => ({ name: route.handler, from: route.module })),
    ...(app.boot ?? []).map(({ call, from }) => ({ name: /^\w+/.exec(call)![0], from })),
  ];
  for (const { name, from } of wanted) namesByModule.set(from, (namesByModule.get(from) ?? new Set()).add(name));
  return [...namesByModule].map(([module, names]) => `import { ${[...names].sort().join(', ')} } from './${module}';`).sort();
}

/** "/books/search" must be asked before "/books/:id". */
function staticFirst(routes: readonly Route[]): Route[] {
  const dynamic = (route: Route) => (route.path.includes(':') ? 1 : 0);
  return [...routes].sort((a, b) => dynamic(a) - dynamic(b));
}

function express(routes: Route[], draw: Draw, backlog: number | undefined, name: 'express' | 'express4'): Entry {
  const app = draw.pick(['app', 'api', 'server']);
  const mounted = routes.map(({ method, path, handler, type, streams }) => {
    if (streams) return `${app}.get('${path}', async (req, res) => {\n  (await ${handler}(req)).pipe(res.type('${type}'));\n});`;
    const send = type ? `res.type('${type}').send` : 'res.json';
    const head = `${app}.${method.toLowerCase()}('${path}',`;
    if (name === 'express') return `${head} async (req, res) => {\n  ${send}(await ${handler}(req));\n});`;
    // Express 4 does not catch the rejection of an async handler.
    return `${head} (req, res, next) => {\n  ${handler}(req)\n    .then((result) => ${send}(result))\n    .catch(next);\n});`;
  });
  return {
    imports: [`import express from '${name}';`],
    setup: `const ${app} = express();\n${app}.use(express.json());\n\n${mounted.join(draw.pick(['\n', '\n\n']))}`,
    server: 'listener',
    listen: `const listener = ${app}.listen(port, '127.0.0.1',${backlogArgument(backlog)} () => {\n  ${announce('listener')}\n});`,
  };
}

function fastify(routes: Route[], draw: Draw, backlog?: number): Entry {
  const direct = draw.chance(0.5);
  const mounted = routes.map(({ method, path, handler, type }) => {
    const head = `app.${method.toLowerCase()}('${path}',`;
    if (type) return `${head} async (request, reply) => {\n  reply.type('${type}');\n  return ${handler}(request);\n});`;
    return direct ? `${head} ${handler});` : `${head} async (request) => ${handler}(request));`;
  });
  return {
    imports: ["import Fastify from 'fastify';"],
    setup: `const app = Fastify();\n\n${mounted.join('\n')}`,
    server: 'app.server',
    listen: `app.listen({ port, host: '127.0.0.1'${backlog === undefined ? '' : `, backlog: ${backlog}`} }, (error) => {\n  if (error) throw error;\n  ${announce('app.server')}\n});`,
  };
}

function koa(routes: Route[], draw: Draw, backlog?: number): Entry {
  const mounted = routes.map(({ method, path, handler, type }) => {
    const body = method === 'POST' ? ', body: await readJson(ctx.req)' : '';
    const typed = type ? `\n  ctx.type = '${type}';` : '';
    const call = `${handler}({ params: ctx.params, query: ctx.query${body} })`;
    return `router.${method.toLowerCase()}('${path}', async (ctx) => {${typed}\n  ctx.body = await ${call};\n});`;
  });
  const posts = routes.some(({ method }) => method === 'POST');
  return {
    imports: ["import Koa from 'koa';", "import Router from '@koa/router';"],
    setup: `${posts ? `${READ_JSON}\n\n` : ''}const router = new Router();\n\n${mounted.join(draw.pick(['\n', '\n\n']))}\n\nconst app = new Koa();\napp.use(router.routes());`,
    server: 'server',
    listen: `const server = app.listen(port, '127.0.0.1',${backlogArgument(backlog)} () => {\n  ${announce('server')}\n});`,
  };
}

function hono(routes: Route[], draw: Draw, backlog?: number): Entry {
  const app = draw.pick(['app', 'api']);
  const mounted = routes.map(({ method, path, handler, type, streams }) => {
    const body = method === 'POST' ? ', body: await c.req.json()' : '';
    const call = `await ${handler}({ params: c.req.param(), query: c.req.query()${body} })`;
    const content = streams ? `Readable.toWeb(${call})` : call;
    const answer = type ? `c.body(${content}, 200, { 'content-type': '${type}' })` : `c.json(${call})`;
    return `${app}.${method.toLowerCase()}('${path}', async (c) => ${answer});`;
  });
  return {
    imports: [
      ...(routes.some(({ streams }) => streams) ? ["import { Readable } from 'node:stream';"] : []),
      `import { ${backlog === undefined ? 'serve' : 'createAdaptorServer'} } from '@hono/node-server';`,
      "import { Hono } from 'hono';",
    ],
    setup: `const ${app} = new Hono();\n\n${mounted.join('\n')}`,
    server: 'server',
    // `serve` has no option for the backlog.
    listen:
      backlog === undefined
        ? `const server = serve({ fetch: ${app}.fetch, port, hostname: '127.0.0.1' }, () => {\n  ${announce('server')}\n});`
        : `const server = createAdaptorServer({ fetch: ${app}.fetch }).listen(port, '127.0.0.1',${backlogArgument(backlog)} () => {\n  ${announce('server')}\n});`,
  };
}
