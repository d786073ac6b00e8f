import type { Draw } from './draw.js';
import type { Piece } from './piece.js';
import { js } from './source.js';
import { capital } from './themes.js';

/** Routes whose names or habits look guilty and which cost next to nothing. */
export function distractors(draw: Draw, folder: string): Piece[] {
  return [blocklist, boundedCache, quickHash, template, sensors, pause, ticker, listeners].map((make) => make(draw, folder));
}

/** A function called `block`. */
function blocklist({ theme: { person } }: Draw, folder: string): Piece {
  const file = `${folder}/blocklist`;
  const source = js`
    const blocked = new Set«<string>»();

    function block(${person}«: string») {
      if (blocked.size < 1000) blocked.add(${person});
    }

    export async function block${capital(person)}({ params }«: { params: Record<string, string> }») {
      block(params.id);
      return { ${person}: params.id, blocked: true };
    }
  `;
  const examples = [`/${person}/12/block`, `/${person}/80/block`];
  return {
    modules: [{ file, source }],
    routes: [{ method: 'GET', path: `/${person}/:id/block`, handler: `block${capital(person)}`, module: file, weight: 2, examples }],
  };
}

/** A cache of some megabytes, filled at start and bounded. */
function boundedCache(draw: Draw, folder: string): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/summaries`;
  const entries = draw.int(4000, 9000);
  const source = js`
    import { ${items} } from './store';

    const MAX_ENTRIES = ${entries};
    const cache = new Map«<number, string>»();

    for (let id = 1; id <= MAX_ENTRIES; id++) {
      cache.set(id, \`${item} \${id}: \${'no summary yet '.repeat(20)}\`);
    }

    export async function summarise${capital(item)}({ params }«: { params: Record<string, string> }») {
      const id = Number(params.id);
      const known = cache.get(id);
      if (known) return { id, summary: known };
      const summary = ${items}.find((${item}) => ${item}.id === id)?.name ?? 'unknown';
      if (cache.size >= MAX_ENTRIES) cache.delete(cache.keys().next().value);
      cache.set(id, summary);
      return { id, summary };
    }
  `;
  const examples = [3, 44, entries + 7].map((id) => `/${items}/${id}/summary`);
  return {
    modules: [{ file, source }],
    routes: [{ method: 'GET', path: `/${items}/:id/summary`, handler: `summarise${capital(item)}`, module: file, weight: 3, examples }],
  };
}

/** Synchronous crypto, of a few kilobytes. */
function quickHash({ theme: { items } }: Draw, folder: string): Piece {
  const file = `${folder}/version`;
  const source = js`
    import { createHash } from 'node:crypto';
    import { ${items} } from './store';

    function digestSync(value«: unknown») {
      return createHash('sha256').update(JSON.stringify(value)).digest('hex');
    }

    export async function catalogueVersion() {
      return { version: digestSync(${items}.slice(0, 40)) };
    }
  `;
  return {
    modules: [{ file, source }],
    routes: [{ method: 'GET', path: '/version', handler: 'catalogueVersion', module: file, weight: 2, examples: ['/version'] }],
  };
}

/** Reads a small file for each request. */
function template({ theme: { service, people } }: Draw, folder: string): Piece {
  const file = `${folder}/pages`;
  const source = js`
    import { readFile } from 'node:fs/promises';
    import path from 'node:path';

    export async function aboutPage() {
      const html = await readFile(path.join(import.meta.dirname, 'about.html'), 'utf8');
      return html.replace('{year}', String(new Date().getFullYear()));
    }
  `;
  const text = `<!doctype html>\n<title>${service}</title>\n<h1>${service}</h1>\n<p>Made for ${people}, {year}.</p>\n`;
  return {
    modules: [{ file, source }],
    files: { [`${folder}/about.html`]: text },
    routes: [{ method: 'GET', path: '/about', handler: 'aboutPage', module: file, type: 'text/html', weight: 2, examples: ['/about'] }],
  };
}

/** A thing called leak, and a small regular expression. */
function sensors({ theme: { service } }: Draw, folder: string): Piece {
  const file = `${folder}/pipes`;
  const source = js`
    const flow = [12, 14, 13, 15, 12, 11, 19, 12];

    function leakRate(samples«: number[]») {
      return samples.reduce((sum, value) => sum + value, 0) / samples.length - Math.min(...samples);
    }

    export async function pipeStatus({ params }«: { params: Record<string, string> }») {
      if (!/^[a-z]{1,12}-[0-9]{1,4}$/.test(params.pipe)) return { error: 'no such pipe' };
      return { building: '${service}', pipe: params.pipe, leakRate: leakRate(flow) };
    }
  `;
  const examples = ['/pipes/main-1/status', '/pipes/roof-22/status'];
  return {
    modules: [{ file, source }],
    routes: [{ method: 'GET', path: '/pipes/:pipe/status', handler: 'pipeStatus', module: file, weight: 2, examples }],
  };
}

/** Waits a little, as for a database that answers well. */
function pause(draw: Draw, folder: string): Piece {
  const { event, events, people } = draw.theme;
  const file = `${folder}/${events}`;
  const ms = draw.int(4, 14);
  const source = js`
    import { setTimeout as delay } from 'node:timers/promises';

    async function query(sql«: string», values«: unknown[]») {
      await delay(${ms});
      return Array.from({ length: 5 }, (_, i) => ({ id: i, table: sql.split(' ')[3], owner: values[0] }));
    }

    export async function recent${capital(events)}({ params }«: { params: Record<string, string> }») {
      const rows = await query('select * from ${events} where owner = $1', [params.id]);
      return rows.map((${event}) => ({ ...${event}, open: true }));
    }
  `;
  const examples = [`/${people}/5/${events}`, `/${people}/61/${events}`];
  return {
    modules: [{ file, source }],
    routes: [{ method: 'GET', path: `/${people}/:id/${events}`, handler: `recent${capital(events)}`, module: file, weight: 3, examples }],
  };
}

/** An interval that keeps a bounded history. */
function ticker({ theme: { service } }: Draw, folder: string): Piece {
  const file = `${folder}/metrics`;
  const source = js`
    const history«: number[]» = [];

    export function startMetrics() {
      setInterval(() => {
        history.push(process.memoryUsage.rss());
        if (history.length > 60) history.shift();
      }, 500).unref();
    }

    export async function metrics() {
      return { service: '${service}', samples: history.length, last: history.at(-1) ?? 0 };
    }
  `;
  return {
    modules: [{ file, source }],
    boot: [{ call: 'startMetrics()', from: file }],
    routes: [{ method: 'GET', path: '/metrics', handler: 'metrics', module: file, weight: 1, examples: ['/metrics'] }],
  };
}

/** Adds a listener for each request and takes it away again. */
function listeners({ theme: { event, events } }: Draw, folder: string): Piece {
  const file = `${folder}/notify`;
  const source = js`
    import { EventEmitter, once } from 'node:events';

    const bus = new EventEmitter();

    export async function next${capital(event)}() {
      setImmediate(() => bus.emit('${event}', { at: Date.now() }));
      const [value] = await once(bus, '${event}');
      return value;
    }
  `;
  return {
    modules: [{ file, source }],
    routes: [
      { method: 'GET', path: `/${events}/next`, handler: `next${capital(event)}`, module: file, weight: 2, examples: [`/${events}/next`] },
    ],
  };
}
