import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';

/** An innocent route that reads a small file for each request, and so needs a pool thread three times (open, read, close). */
export function pageReader(draw: Draw, folder: string): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['pages', 'texts', 'articles'])}`;
  const handler = `read${capital(item)}Text`;
  const names = ['terms', 'help', 'imprint'];
  const source = js`
    import { readFile } from 'node:fs/promises';
    import path from 'node:path';

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const text = await readFile(path.join(import.meta.dirname, 'texts', \`\${params.name}.md\`), 'utf8');
      return { name: params.name, words: text.split(' ').length, text };
    }
  `;
  const path = `/${draw.pick(['texts', 'pages', 'legal'])}/:name`;
  return {
    modules: [{ file, source }],
    files: Object.fromEntries(names.map((name) => [`${folder}/texts/${name}.md`, `# ${name}\n\n${`All about ${items}. `.repeat(60)}\n`])),
    routes: [{ method: 'GET', path, handler, module: file, weight: 8, examples: names.map((name) => path.replace(':name', name)) }],
  };
}

/** Derives the keys of a whole batch at once. */
export function checkCodes(draw: Draw, folder: string, sick: boolean): Piece {
  const rounds = draw.int(26, 36) * 1000;
  const derive = `pbkdf2Async(code, 'b81e', ${rounds}, 32, 'sha512')`;
  return batch(draw, folder, sick, { imported: 'pbkdf2', from: 'node:crypto', derive, names: ['codes', 'vouchers', 'coupons'] });
}

/** Wraps a batch of keys with scrypt at once. */
export function wrapKeys(draw: Draw, folder: string, sick: boolean): Piece {
  const derive = "scryptAsync(code, '77f0', 32, { N: 8192, r: 8, p: 1 })";
  return batch(draw, folder, sick, { imported: 'scrypt', from: 'node:crypto', derive, names: ['keys', 'secrets', 'devices'] });
}

/** Compresses a batch of documents at once. */
export function packDocuments(draw: Draw, folder: string, sick: boolean): Piece {
  const [imported, call] = draw.pick([
    ['gzip', 'gzipAsync(documentOf(code))'],
    ['brotliCompress', 'brotliCompressAsync(documentOf(code), { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })'],
    ['deflate', 'deflateAsync(documentOf(code))'],
  ] as const);
  const lines = draw.int(10, 12) * 1000;
  const helper = js`
    const text = Array.from({ length: ${lines} }, (_, i) => \`\${i};\${(i * 7919) % 10007};entry \${(i * 31) % 977}\`).join('\\n');

    function documentOf(code«: string») {
      return Buffer.from(code + text);
    }
  `;
  const names = ['documents', 'archives', 'invoices'];
  const from = 'node:zlib';
  return batch(draw, folder, sick, {
    imported,
    from,
    derive: call,
    names,
    helper,
    also: imported === 'brotliCompress' ? ['constants'] : [],
  });
}

interface Batch {
  imported: string;
  also?: string[];
  from: string;
  derive: string;
  names: string[];
  helper?: string;
}

function batch(draw: Draw, folder: string, sick: boolean, { imported, also = [], from, derive, names, helper = '' }: Batch): Piece {
  const { person, people } = draw.theme;
  const things = draw.pick(names);
  const file = `${folder}/${things}`;
  const handler = `${draw.pick(['check', 'process', 'import'])}${capital(things)}`;
  const count = helper ? draw.int(30, 34) : draw.int(20, 26);
  const each = sick
    ? `const results = await Promise.all(${things}.map((code) => ${derive}));`
    : `const results = [];\nfor (const code of ${things}) results.push(await ${derive});`;
  const source = js`
    import { ${[...also, imported].sort().join(', ')} } from '${from}';
    import { promisify } from 'node:util';

    const ${imported}Async = promisify(${imported});

    ${helper.trimEnd()}

    //@cause{
    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const ${things} = Array.from({ length: ${count} }, (_, i) => \`\${params.id}-\${i}\`);
      ${each}
      return { ${person}: params.id, ${things}: results.length, first: results[0].length };
    }
    //@cause}
  `;
  const path = `/${people}/:id/${things}`;
  const examples = [path.replace(':id', '12')];
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight: 1, examples }] };
}

/** A pool of one thread, set long ago to save memory, and logins that need it for tens of milliseconds. */
export function oneThread(draw: Draw, folder: string, sick: boolean): Piece {
  const { person } = draw.theme;
  const file = `${folder}/${draw.pick(['login', 'auth', 'accounts'])}`;
  const path = draw.pick(['/login', '/sessions', `/${person}/login`]);
  const rounds = draw.int(85, 110) * 1000;
  const source = js`
    import { pbkdf2, timingSafeEqual } from 'node:crypto';
    import { promisify } from 'node:util';

    const derive = promisify(pbkdf2);
    const stored = Buffer.alloc(32);

    //@cause{
    async function verify(password«: string») {
      const key = await derive(password, '04ab', ${rounds}, 32, 'sha512');
      return timingSafeEqual(key, stored);
    }

    export async function login({ body }«: { body: { name: string; password: string } }») {
      return { name: body.name, ok: await verify(body.password) };
    }
    //@cause}
  `;
  const examples = ['ida', 'omar', 'lena'].map((name) => `${path} {"name":"${name}","password":"hunter2"}`);
  return {
    modules: [{ file, source }],
    routes: [{ method: 'POST', path, handler: 'login', module: file, weight: 5, examples }],
    env: sick ? { UV_THREADPOOL_SIZE: '1' } : {},
  };
}

/** Reads from pipes of slow devices through fs: each read holds a pool thread, without any CPU, until the device speaks. */
export function readDevices(draw: Draw, folder: string, sick: boolean): Piece {
  const file = `${folder}/${draw.pick(['sensors', 'scales', 'gates'])}`;
  const device = draw.pick(['scale', 'gate', 'meter']);
  const handler = `${draw.pick(['read', 'poll', 'ask'])}${capital(device)}`;
  const takesMs = draw.int(13, 16) * 10;
  const source = js`
    import { readFile } from 'node:fs/promises';
    import path from 'node:path';

    const last = new Map«<string, string>»();

    //@cause{
    async function read(id«: string») {
      const text = await readFile(path.resolve('devices', \`${device}\${id}\`), 'utf8');
      if (text) last.set(id, text.trim());
      return last.get(id) ?? null;
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      return { ${device}: params.id, value: ${sick ? 'await read(params.id)' : 'last.get(params.id) ?? null'} };
    }
    //@cause}

    export async function watchDevices() {
      for (;;) ${sick ? "await read('0')" : "for (const id of ['0', '1', '2', '3', '4', '5']) await read(id)"};
    }
  `;
  const devices = js`
    import { execFileSync } from 'node:child_process';
    import { existsSync, mkdirSync } from 'node:fs';
    import { open } from 'node:fs/promises';

    mkdirSync('devices', { recursive: true });
    const paths = Array.from({ length: 6 }, (_, i) => \`devices/${device}\${i}\`);
    for (const path of paths) if (!existsSync(path)) execFileSync('mkfifo', [path]);

    async function speak(path, i) {
      for (let n = 0; ; n++) {
        // Opens when somebody reads.
        const pipe = await open(path, 'w');
        await new Promise((resolve) => setTimeout(resolve, ${takesMs}));
        await pipe.write(\`\${20 + i + (n % 10) / 10}\\n\`).catch(() => undefined);
        await pipe.close();
      }
    }

    paths.forEach(speak);
    console.log('ready');
  `;
  const path = `/${device}s/:id`;
  return {
    modules: [{ file, source }],
    boot: [{ call: 'watchDevices()', from: file }],
    files: { 'devices.mjs': devices },
    companions: [{ name: 'devices', file: 'devices.mjs', env: { UV_THREADPOOL_SIZE: '8' } }],
    routes: [{ method: 'GET', path, handler, module: file, weight: 9, examples: [1, 2, 3, 4, 5].map((id) => `/${device}s/${id}`) }],
  };
}
