import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';

/** Scores every name instead of those that begin alike. */
export function fuzzySearch(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items, adjectives, nouns } = draw.theme;
  const file = `${folder}/${draw.pick(['search', 'suggest', 'lookup'])}`;
  const measure = draw.pick(['distance', 'similarity', 'editDistance', 'compare']);
  const handler = `${draw.pick(['suggest', 'search', 'find'])}${capital(items)}`;
  const path = `/${items}/${draw.pick(['search', 'suggest', 'find'])}`;
  const count = draw.int(12_000, 15_000);
  const source = js`
    import { ${items} } from './store';

    const names = Array.from({ length: ${count} }, (_, i) => {
      const { name } = ${items}[i % ${items}.length];
      return \`\${name} number \${i}, \${${items}[(i * 3) % ${items}.length].name}\`;
    });
    const byStart = new Map«<string, string[]>»();
    for (const name of names) {
      const alike = byStart.get(name.slice(0, 3)) ?? [];
      if (alike.length < 60) byStart.set(name.slice(0, 3), [...alike, name]);
    }

    //@cause{
    function ${measure}(a«: string», b«: string») {
      const row = Array.from({ length: b.length + 1 }, (_, j) => j);
      for (let i = 1; i <= a.length; i++) {
        let diagonal = row[0];
        row[0] = i;
        for (let j = 1; j <= b.length; j++) {
          const above = row[j];
          row[j] = a[i - 1] === b[j - 1] ? diagonal : 1 + Math.min(diagonal, above, row[j - 1]);
          diagonal = above;
        }
      }
      return row[b.length];
    }

    export async function ${handler}({ query }«: { query: Record<string, string> }») {
      const wanted = query.q.toLowerCase();
      const candidates = ${sick ? 'names' : 'byStart.get(wanted.slice(0, 3)) ?? []'};
      return candidates
        .map((name) => ({ name, score: ${measure}(wanted, name) }))
        .sort((a, b) => a.score - b.score)
        .slice(0, 10);
    }
    //@cause}

    export async function random${capital(item)}() {
      return { name: names[Math.floor(Math.random() * names.length)] };
    }
  `;
  const examples = [0, 1, 2].map((i) => `${path}?q=${adjectives[i]}+${nouns[i]!.slice(0, -1)}`);
  return {
    modules: [{ file, source }],
    routes: [
      { method: 'GET', path, handler, module: file, weight: 2, examples },
      { method: 'GET', path: '/random', handler: `random${capital(item)}`, module: file, weight: 2, examples: ['/random'] },
    ],
  };
}

/** Copies the whole catalogue through JSON to change one group of it. */
export function cloneCatalogue(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['pricing', 'offers', 'discounts'])}`;
  const handler = `${draw.pick(['quote', 'discounted', 'priced'])}${capital(items)}`;
  const groups = draw.int(430, 560);
  const source = js`
    const catalogue«: Record<string, { id: number; name: string; price: number; tags: string[] }[]>» = {};
    for (let i = 0; i < ${groups * 260}; i++) {
      const group = \`g\${i % ${groups}}\`;
      (catalogue[group] ??= []).push({ id: i, name: \`${item} number \${i}\`, price: 100 + (i % 900), tags: ['new', \`t\${i % 7}\`] });
    }

    //@cause{
    function copy«<T>»(value«: T»)«: T» {
      return JSON.parse(JSON.stringify(value));
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const mine = ${sick ? 'copy(catalogue)[params.group] ?? []' : 'copy(catalogue[params.group] ?? [])'};
      for (const entry of mine) entry.price = Math.round(entry.price * 0.9);
      return mine.slice(0, 20);
    }
    //@cause}
  `;
  const path = '/offers/:group';
  const examples = [3, 40, 120].map((group) => `/offers/g${group}`);
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight: 2, examples }] };
}

/** Key derivation on the main thread. */
export function passwordHash(draw: Draw, folder: string, sick: boolean): Piece {
  const { person } = draw.theme;
  const file = `${folder}/${draw.pick(['auth', 'session', 'accounts'])}`;
  const path = draw.pick(['/login', '/sessions', `/${person}/login`]);
  const check = draw.pick(['verify', 'checkPassword', 'derive']);
  const rounds = draw.int(14, 20) * 10_000;
  const algorithm = draw.pick(['scrypt', 'pbkdf2']);
  const options = algorithm === 'scrypt' ? '64, { N: 32768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }' : `${rounds}, 64, 'sha512'`;
  const name = sick ? `${algorithm}Sync` : algorithm;
  const call = sick ? `${algorithm}Sync(password, salt, ${options})` : `await ${algorithm}Async(password, salt, ${options})`;
  const source = js`
    import { ${name}, timingSafeEqual } from 'node:crypto';
    ${sick ? '' : "import { promisify } from 'node:util';"}

    ${sick ? '' : `const ${algorithm}Async = promisify(${algorithm});`}
    const salt = 'f3c1a09d';
    const stored = Buffer.alloc(64);

    //@cause{
    ${sick ? '' : 'async '}function ${check}(password«: string») {
      const key = ${call};
      return timingSafeEqual(key, stored);
    }

    export async function login({ body }«: { body: { name: string; password: string } }») {
      const ok = ${sick ? '' : 'await '}${check}(body.password);
      return { name: body.name, ok };
    }
    //@cause}
  `;
  const examples = ['anna', 'bela', 'carl'].map((who) => `${path} {"name":"${who}","password":"correct horse"}`);
  return { modules: [{ file, source }], routes: [{ method: 'POST', path, handler: 'login', module: file, weight: 2, examples }] };
}

/** Reads and compresses a file synchronously for each download. */
export function compressReport(draw: Draw, folder: string, sick: boolean): Piece {
  const { items, events } = draw.theme;
  const file = `${folder}/${draw.pick(['reports', 'export', 'downloads'])}`;
  const handler = `${draw.pick(['download', 'export'])}${capital(events)}`;
  const rows = draw.int(95_000, 125_000);
  const work = sick ? 'const packed = gzipSync(readFileSync(source));' : 'const packed = await gzipAsync(await readFile(source));';
  const source = js`
    import { ${sick ? 'readFileSync, ' : ''}writeFileSync } from 'node:fs';
    ${sick ? '' : "import { readFile } from 'node:fs/promises';"}
    import path from 'node:path';
    ${sick ? '' : "import { promisify } from 'node:util';"}
    import { ${sick ? 'gzipSync' : 'gzip'} } from 'node:zlib';

    ${sick ? '' : 'const gzipAsync = promisify(gzip);'}
    const source = path.join(import.meta.dirname, '${events}.csv');
    const rows = Array.from({ length: ${rows} }, (_, i) => \`\${i};${items} \${(i * 7919) % 10007};\${(i * 31) % 997}.\${i % 100}\`);
    writeFileSync(source, rows.join('\\n'));

    //@cause{
    export async function ${handler}() {
      ${work}
      return { name: '${events}.csv.gz', bytes: packed.length };
    }
    //@cause}
  `;
  const path = `/${events}/${draw.pick(['report', 'export', 'download'])}`;
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight: 2, examples: [path] }] };
}

/** A pattern that tries exponentially many ways to fail. */
export function greedyPattern(draw: Draw, folder: string, sick: boolean): Piece {
  const { person, people } = draw.theme;
  const file = `${folder}/${draw.pick(['validate', 'rules', 'checks'])}`;
  const subject = draw.pick(['email', 'handle', 'address']);
  const handler = `check${capital(subject)}`;
  const pattern = sick ? '/^([a-z0-9]+[-_.]?)+@[a-z0-9.]+$/' : '/^[a-z0-9]+(?:[-_.][a-z0-9]+)*@[a-z0-9.]+$/';
  const source = js`
    //@cause{
    export async function ${handler}({ query }«: { query: Record<string, string> }») {
      const value = query.${subject} ?? '';
      const ok = ${pattern}.test(value);
      return { ${person}: value.slice(0, 8), ok };
    }
    //@cause}
  `;
  const path = `/${people}/${draw.pick(['check', 'validate', 'available'])}`;
  const hard = 'abcdefghijklmnopqrstuvwxyz'.slice(0, 24);
  const examples = [`${path}?${subject}=${hard}!`, `${path}?${subject}=anna.lee@example.org`, `${path}?${subject}=${hard}%20`];
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight: 3, examples }] };
}

/** A timer that no request owns recomputes everything at once instead of in slices. */
export function rebuildTimer(draw: Draw, folder: string, sick: boolean): Piece {
  const { items, people } = draw.theme;
  const file = `${folder}/${draw.pick(['ranking', 'recommend', 'popular'])}`;
  const work = draw.pick(['rebuild', 'refresh', 'recompute']);
  const everyMs = draw.int(50, 65) * 10;
  const readers = draw.int(850, 1000);
  const source = js`
    import { ${items} } from './store';

    const ${people} = Array.from({ length: ${readers} }, (_, i) => Array.from({ length: 40 }, (_, j) => Math.sin(i * 40 + j)));
    const wanted = Array.from({ length: 40 }, (_, j) => Math.cos(j));
    let best«: { id: number; score: number }[]» = [];

    //@cause{
    function scoreOf(taste«: number[]», round«: number») {
      let score = 0;
      for (let pass = 0; pass < 2400; pass++) {
        for (let j = 0; j < taste.length; j++) score += Math.abs(taste[j] * wanted[(j + pass) % 40] - round / (pass + 1));
      }
      return score;
    }

    ${sick ? '' : 'async '}function ${work}() {
      const next = [];
      for (let i = 0; i < ${people}.length; i++) {
        next.push({ id: i, score: scoreOf(${people}[i], next.length) });
        ${sick ? '' : 'if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));'}
      }
      best = next.sort((a, b) => b.score - a.score).slice(0, 10);
    }

    export function start${capital(work)}() {
      setInterval(${work}, ${everyMs});
    }
    //@cause}

    export async function popular${capital(items)}() {
      return best.map(({ id }) => ${items}[id % ${items}.length]);
    }
  `;
  const handler = `popular${capital(items)}`;
  return {
    modules: [{ file, source }],
    boot: [{ call: `start${capital(work)}()`, from: file }],
    routes: [{ method: 'GET', path: '/popular', handler, module: file, weight: 2, examples: ['/popular'] }],
  };
}

/** Looks every key up by walking the other list. */
export function nestedJoin(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items, person, people, event, events } = draw.theme;
  const file = `${folder}/${draw.pick(['statement', 'overview', 'dashboard'])}`;
  const handler = `${draw.pick(['build', 'load', 'compile'])}Overview`;
  const count = draw.int(14_000, 16_500);
  const find = sick ? `${people}.find((${person}) => ${person}.id === ${event}.${person}Id)` : `byId.get(${event}.${person}Id)`;
  const source = js`
    import { ${items} } from './store';

    const ${people} = Array.from({ length: ${count} }, (_, i) => ({ id: i * 3, name: \`${person} \${i}\` }));
    const ${events} = Array.from({ length: ${count} }, (_, i) => ({ ${person}Id: ((i * 7919) % ${count}) * 3, ${item}: ${items}[i % ${items}.length].id }));
    ${sick ? '' : `const byId = new Map(${people}.map((${person}) => [${person}.id, ${person}]));`}

    //@cause{
    export async function ${handler}() {
      const rows = ${events}.map((${event}) => ({ ...${event}, ${person}: ${find} }));
      return { rows: rows.length, first: rows.slice(0, 10) };
    }
    //@cause}
  `;
  const path = `/${draw.pick(['overview', 'dashboard', 'statement'])}`;
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight: 2, examples: [path] }] };
}
