import type { Route } from '../scenario.js';
import type { Draw } from './draw.js';
import { announce, backlogArgument, type Entry } from './entry.js';
import { js } from './source.js';

export const READ_JSON = js`
  async function readJson(req) {
    let text = '';
    for await (const chunk of req) text += chunk;
    return text ? JSON.parse(text) : {};
  }
`.trimEnd();

/** A server without a framework: a table of patterns, or, in the other taste, a chain of ifs. */
export function plainHttp(routes: Route[], draw: Draw, backlog?: number): Entry {
  const posts = routes.some(({ method }) => method === 'POST');
  const streams = routes.some((route) => route.streams);
  const setup = draw.chance(0.6) ? withTable(routes, posts, streams) : withChain(routes, streams);
  return {
    imports: ["import http from 'node:http';"],
    setup: (posts ? `${READ_JSON}\n\n` : '') + setup.trimEnd(),
    server: 'server',
    listen: `server.listen(port, '127.0.0.1',${backlogArgument(backlog)} () => {\n  ${announce('server')}\n});`,
  };
}

function withTable(routes: Route[], posts: boolean, streams: boolean): string {
  const rows = routes.map(({ method, path, handler, type }) => {
    const typed = type ? `, type: '${type}'` : '';
    return `  { method: '${method}', pattern: ${patternOf(path)}, handler: ${handler}${typed} },`;
  });
  return js`
    const routes = [
    ${rows.join('\n')}
    ];

    const server = http.createServer(async (req, res) => {
      const url = new URL(req.url, 'http://localhost');
      const route = routes.find((candidate) => candidate.method === req.method && candidate.pattern.test(url.pathname));
      if (!route) {
        res.writeHead(404).end();
        return;
      }
      try {
        const result = await route.handler({
          params: { ...route.pattern.exec(url.pathname).groups },
          query: Object.fromEntries(url.searchParams),${posts ? "\n      body: req.method === 'POST' ? await readJson(req) : undefined," : ''}
        });
        res.setHeader('content-type', route.type ?? 'application/json');
        ${streams ? 'if (result?.pipe) result.pipe(res);\nelse res.end(route.type ? result : JSON.stringify(result));' : 'res.end(route.type ? result : JSON.stringify(result));'}
      } catch (error) {
        console.error(error);
        res.writeHead(500).end();
      }
    });
  `;
}

function withChain(routes: Route[], streams: boolean): string {
  const branches = routes.map(({ method, path, handler, type }) => {
    const body = method === 'POST' ? ', body: await readJson(req)' : '';
    const params = path.includes(':') ? 'params: { ...match.groups }' : 'params: {}';
    const condition = path.includes(':') ? `(match = ${patternOf(path)}.exec(url.pathname))` : `url.pathname === '${path}'`;
    const call = `await ${handler}({ ${params}, query${body} })`;
    return `if (req.method === '${method}' && ${condition}) {\n  ${type ? `return send(res, ${call}, '${type}')` : `return send(res, JSON.stringify(${call}))`};\n}`;
  });
  const dynamic = routes.some(({ path }) => path.includes(':'));
  return js`
    function send(res, text, type = 'application/json') {
      res.setHeader('content-type', type);
      ${streams ? 'if (text.pipe) text.pipe(res);\nelse res.end(text);' : 'res.end(text);'}
    }

    async function handle(req, res) {
      const url = new URL(req.url, 'http://localhost');
      const query = Object.fromEntries(url.searchParams);
      ${dynamic ? 'let match;' : ''}
      ${branches.join('\n')}
      res.writeHead(404).end();
    }

    const server = http.createServer((req, res) => {
      handle(req, res).catch((error) => {
        console.error(error);
        res.writeHead(500).end();
      });
    });
  `;
}

function patternOf(path: string): string {
  return `/^${path.replaceAll('/', '\\/').replace(/:(\w+)/g, '(?<$1>[^/]+)')}$/`;
}
