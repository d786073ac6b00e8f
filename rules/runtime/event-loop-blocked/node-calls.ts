import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';

/** Reads all partials from the disk, one after the other, for each page. */
export function readPartials(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['templates', 'partials', 'views'])}`;
  const handler = `${draw.pick(['render', 'show', 'print'])}${capital(item)}`;
  const count = draw.int(8000, 9500);
  const load = draw.pick(['loadPartials', 'readAll', 'partials']);
  const source = js`
    import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
    import path from 'node:path';

    const dir = path.join(import.meta.dirname, 'partial-files');
    mkdirSync(dir, { recursive: true });
    for (let i = 0; i < ${count}; i++) writeFileSync(path.join(dir, \`${item}-\${i}.html\`), \`<p>${item} \${i} {name}</p>\`);

    //@cause{
    function ${load}() {
      const parts = new Map«<string, string>»();
      for (const name of readdirSync(dir)) {
        parts.set(name, readFileSync(path.join(dir, name), 'utf8'));
      }
      return parts;
    }
    ${sick ? '' : `\nconst loaded = ${load}();`}

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const part = ${sick ? `${load}()` : 'loaded'}.get(\`${item}-\${Number(params.id) % ${count}}.html\`) ?? '';
      return { id: params.id, html: part.replace('{name}', '${item}') };
    }
    //@cause}
  `;
  const path = `/${items}/:id/${draw.pick(['page', 'html', 'leaflet'])}`;
  return getRoute(file, source, { path, handler, weight: 2, examples: [3, 44, 171].map((id) => path.replace(':id', String(id))) });
}

/** Asks another program for each request, and waits for it on the thread. */
export function askProgram(draw: Draw, folder: string, sick: boolean): Piece {
  const file = `${folder}/${draw.pick(['version', 'build', 'about'])}`;
  const handler = draw.pick(['showVersion', 'about', 'buildInfo']);
  const run = draw.pick(['execFileSync', 'spawnSync']);
  const read = run === 'spawnSync' ? '.stdout' : '';
  const source = js`
    import { ${run} } from 'node:child_process';

    const started = new Date().toISOString();

    //@cause{
    function engine() {
      return ${run}(process.execPath, ['-p', 'process.versions.v8'])${read}.toString().trim();
    }
    ${sick ? '' : '\nconst known = engine();'}

    export async function ${handler}() {
      return { started, engine: ${sick ? 'engine()' : 'known'} };
    }
    //@cause}
  `;
  const path = `/${draw.pick(['version', 'about', 'build'])}`;
  return getRoute(file, source, { path, handler, weight: 2, examples: [path] });
}

/** Writes a line to the log for each row that it looks at. */
export function logRows(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items, event, events } = draw.theme;
  const file = `${folder}/${draw.pick(['audit', 'import', 'check'])}`;
  const handler = `${draw.pick(['audit', 'verify', 'reconcile'])}${capital(events)}`;
  const count = draw.int(4200, 5200);
  const log = draw.pick(['console.log', 'console.info']);
  const source = js`
    import { ${items} } from './store';

    const ${events} = Array.from({ length: ${count} }, (_, i) => ({ id: i, ${item}Id: (i * 7919) % ${items}.length, amount: (i * 31) % 997 }));

    //@cause{
    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      let wrong = 0;
      for (const ${event} of ${events}) {
        const ${item} = ${items}[${event}.${item}Id];
        ${sick ? `${log}('checking', ${event}, 'of', ${item});` : ''}
        if (${event}.amount > ${item}.price * Number(params.limit)) wrong++;
      }
      ${log}('checked', ${events}.length, '${events},', wrong, 'wrong');
      return { checked: ${events}.length, wrong };
    }
    //@cause}
  `;
  const path = `/${events}/${draw.pick(['audit', 'verify'])}/:limit`;
  return getRoute(file, source, { path, handler, weight: 2, examples: [1, 2, 5].map((limit) => path.replace(':limit', String(limit))) });
}

/** Sorts everything there is, by the rules of a language, to show the first page. */
export function sortAll(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['listing', 'directory', 'register'])}`;
  const handler = `${draw.pick(['page', 'first', 'list'])}Of${capital(items)}`;
  const count = draw.int(56_000, 68_000);
  const source = js`
    import { ${items} } from './store';

    const all = Array.from({ length: ${count} }, (_, i) => {
      const { name } = ${items}[(i * 7919) % ${items}.length];
      return { id: i, name: \`\${name} \${(i * 31) % 9973}\` };
    });

    //@cause{
    function byName() {
      return [...all].sort((a, b) => a.name.localeCompare(b.name, 'en'));
    }
    ${sick ? '' : '\nconst ordered = byName();'}

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const from = Number(params.page) * 20;
      return ${sick ? 'byName()' : 'ordered'}.slice(from, from + 20).map((${item}) => ${item}.name);
    }
    //@cause}
  `;
  const path = `/${items}/${draw.pick(['by-name', 'sorted', 'az'])}/:page`;
  return getRoute(file, source, { path, handler, weight: 2, examples: [1, 9, 40].map((page) => path.replace(':page', String(page))) });
}
