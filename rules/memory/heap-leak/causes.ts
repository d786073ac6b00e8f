import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';

/** Rows of about 110 bytes: 65 to 140 kB kept per request, 2 to 7 MB per second; V8 collects the old space a few times in a run. */
const rowsPerRequest = (draw: Draw) => draw.int(600, 1300);

/** The cache key holds the time of the request, so that no entry is ever found again. */
export function keyedCache(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items, person, people } = draw.theme;
  const file = `${folder}/${draw.pick(['recommend', 'feed', 'ideas'])}`;
  const cache = draw.pick(['cache', 'results', 'memo']);
  const handler = `${draw.pick(['recommend', 'offer', 'propose'])}${capital(items)}`;
  const source = js`
    import { ${items} } from './store';

    const ${cache} = new Map«<string, { ${item}: number; score: number; reason: string }[]>»();

    //@cause{
    function rank(${person}«: string») {
      return Array.from({ length: ${rowsPerRequest(draw)} }, (_, i) => ({
        ${item}: ${items}[(i * 7 + Number(${person})) % ${items}.length].id,
        score: Math.sin(i + Number(${person})),
        reason: \`${person} \${${person}} liked number \${i}\`,
      }));
    }

    export async function ${handler}({ params, query }«: { params: Record<string, string>; query: Record<string, string> }») {
      const key = JSON.stringify({ ${person}: params.id, page: query.page ?? 1${sick ? ', at: performance.now()' : ''} });
      const known = ${cache}.get(key);
      if (known) return known.slice(0, 10);
      const ranked = rank(params.id);
      ${cache}.set(key, ranked);
      return ranked.slice(0, 10);
    }
    //@cause}
  `;
  return pieceOf(draw, file, source, handler, `/${people}/:id/${draw.pick(['feed', 'offers', 'ideas'])}`);
}

/** Subscribes for each request and never unsubscribes; the listener holds what the request loaded. */
export function listenerPerRequest(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, person, people, event } = draw.theme;
  const file = `${folder}/${draw.pick(['live', 'updates', 'watch'])}`;
  const bus = draw.pick(['bus', 'changes', 'notifier']);
  const handler = `watch${capital(event)}`;
  const source = js`
    import { EventEmitter } from 'node:events';

    const ${bus} = new EventEmitter();
    ${bus}.setMaxListeners(0);
    setInterval(() => ${bus}.emit('changed', { at: Date.now() }), 1000).unref();

    //@cause{
    function loadHistory(${person}«: string») {
      return Array.from({ length: ${rowsPerRequest(draw)} }, (_, i) => ({ ${item}: i, at: i * 1.5, note: \`${event} \${i} of \${${person}}\` }));
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const history = loadHistory(params.id);
      const answer = { ${person}: params.id, known: history.length, changed: false };
      const onChanged = () => {
        answer.changed = history.length > 0;
      };
      ${bus}.on('changed', onChanged);
      await new Promise((resolve) => setTimeout(resolve, 5));
      ${sick ? '' : `${bus}.off('changed', onChanged);`}
      return answer;
    }
    //@cause}
  `;
  return pieceOf(draw, file, source, handler, `/${people}/:id/${draw.pick(['watch', 'live', 'changes'])}`);
}

/** Every answer is appended to a list that is only ever read from its end. */
export function auditTrail(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, person, people, event, events } = draw.theme;
  const file = `${folder}/${draw.pick(['audit', 'history', 'journal'])}`;
  const list = draw.pick(['trail', 'log', 'entries']);
  const handler = `${draw.pick(['show', 'read', 'open'])}${capital(events)}`;
  const source = js`
    const ${list}«: { at: number; ${person}: string; ${events}: unknown[] }[]» = [];

    //@cause{
    function load${capital(events)}(${person}«: string») {
      return Array.from({ length: ${rowsPerRequest(draw)} }, (_, i) => ({ ${item}: i, amount: i * 0.25, text: \`${event} \${i} by \${${person}}\` }));
    }

    function record(${person}«: string», ${events}«: unknown[]») {
      ${list}.push({ at: Date.now(), ${person}, ${events} });
      ${sick ? '' : `if (${list}.length > 20) ${list}.shift();`}
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const ${events} = load${capital(events)}(params.id);
      record(params.id, ${events});
      return ${events}.slice(-10);
    }
    //@cause}

    export async function lastAccess() {
      return { at: ${list}.at(-1)?.at ?? 0 };
    }
  `;
  const piece = pieceOf(draw, file, source, handler, `/${people}/:id/${draw.pick(['statement', 'account', 'all'])}`);
  piece.routes.push({ method: 'GET', path: '/audit/last', handler: 'lastAccess', module: file, weight: 1, examples: ['/audit/last'] });
  return piece;
}

/** A registry of requests in flight from which only failed ones are taken out. */
export function requestRegistry(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, person, people, event } = draw.theme;
  const file = `${folder}/${draw.pick(['context', 'tracking', 'checkout'])}`;
  const registry = draw.pick(['inFlight', 'contexts', 'pending']);
  const handler = `${draw.pick(['prepare', 'plan', 'price'])}${capital(event)}`;
  const source = js`
    import { randomUUID } from 'node:crypto';

    const ${registry} = new Map«<string, { ${person}: string; lines: unknown[] }>»();

    //@cause{
    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const requestId = randomUUID();
      const context = { ${person}: params.id, lines: linesOf(params.id) };
      ${registry}.set(requestId, context);
      try {
        return await confirm(context);
      } ${sick ? 'catch (error)' : 'finally'} {
        ${registry}.delete(requestId);
        ${sick ? 'throw error;' : ''}
      }
    }

    function linesOf(${person}«: string») {
      return Array.from({ length: ${rowsPerRequest(draw)} }, (_, i) => ({ ${item}: i, price: i * 1.19, label: \`line \${i} for \${${person}}\` }));
    }
    //@cause}

    async function confirm(context«: { ${person}: string; lines: unknown[] }») {
      await new Promise((resolve) => setTimeout(resolve, 3));
      return { ${person}: context.${person}, lines: context.lines.length };
    }
  `;
  return pieceOf(draw, file, source, handler, `/${people}/:id/${draw.pick(['quote', 'plan', 'draft'])}`);
}

/** Remembers every token ever issued. */
export function seenTokens(draw: Draw, folder: string, sick: boolean): Piece {
  const { person, people } = draw.theme;
  const file = `${folder}/${draw.pick(['tokens', 'nonces', 'csrf'])}`;
  const set = draw.pick(['seen', 'issued', 'used']);
  const bytes = draw.int(32, 64) * 1000;
  const source = js`
    import { randomBytes } from 'node:crypto';

    const ${set} = new Set«<string>»();

    //@cause{
    export async function issueToken({ params }«: { params: Record<string, string> }») {
      const token = randomBytes(${bytes}).toString('hex');
      if (${set}.has(token)) throw new Error('token issued twice');
      ${sick ? '' : `if (${set}.size >= 40) ${set}.clear();`}
      ${set}.add(token);
      return { ${person}: params.id, token: token.slice(0, 32) };
    }
    //@cause}
  `;
  return pieceOf(draw, file, source, 'issueToken', `/${people}/:id/${draw.pick(['token', 'nonce', 'ticket'])}`);
}

/** Starts a poller for each request and forgets to stop it. */
export function pollerPerRequest(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, people, person, event, events } = draw.theme;
  const file = `${folder}/${draw.pick(['follow', 'progress', 'track'])}`;
  const handler = `${draw.pick(['follow', 'track', 'trace'])}${capital(event)}`;
  const everyMs = draw.int(2, 6) * 1000;
  const source = js`
    let checked = 0;

    //@cause{
    function stepsOf(${person}«: string») {
      return Array.from({ length: ${rowsPerRequest(draw)} }, (_, i) => ({ ${item}: i, done: i * 0.5, step: \`step \${i} of \${${person}}\` }));
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const steps = stepsOf(params.id);
      const poller = setInterval(() => {
        checked += steps.length > 0 ? 1 : 0;
      }, ${everyMs});
      await new Promise((resolve) => setTimeout(resolve, 4));
      ${sick ? 'if (steps.length === 0) ' : ''}clearInterval(poller);
      return { ${events}: steps.length, checked };
    }
    //@cause}
  `;
  return pieceOf(draw, file, source, handler, `/${people}/:id/${draw.pick(['progress', 'trace', 'steps'])}`);
}

/** Timers of many minutes hold the whole payload of their requests. */
export function longTimers(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, person, people, event } = draw.theme;
  const file = `${folder}/${draw.pick(['reminders', 'carts', 'followup'])}`;
  const handler = `${draw.pick(['keep', 'hold', 'park'])}${capital(event)}`;
  const minutes = draw.pick([10, 15, 30]);
  const source = js`
    ${sick ? '' : 'const reminders = new Map«<string, NodeJS.Timeout>»();'}
    let reminded = 0;

    //@cause{
    function contentsFor(${person}«: string») {
      return Array.from({ length: ${rowsPerRequest(draw)} }, (_, i) => ({ ${item}: i, price: i * 2.5, label: \`${item} \${i} for \${${person}}\` }));
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const contents = contentsFor(params.id);
      ${sick ? '' : 'clearTimeout(reminders.get(params.id));'}
      ${sick ? '' : 'const reminder = '}setTimeout(() => {
        reminded += contents.length;
      }, ${minutes} * 60_000)${sick ? '.unref();' : ';'}
      ${sick ? '' : 'reminders.set(params.id, reminder.unref());'}
      return { ${person}: params.id, kept: contents.length, reminded };
    }
    //@cause}
  `;
  return pieceOf(draw, file, source, handler, `/${people}/:id/${draw.pick(['hold', 'cart', 'later'])}`);
}

function pieceOf(draw: Draw, file: string, source: string, handler: string, path: string): Piece {
  const ids = Array.from({ length: 8 }, () => draw.int(1, 190));
  const examples = ids.map((id) => path.replace(':id', String(id)));
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight: 14, examples }] };
}
