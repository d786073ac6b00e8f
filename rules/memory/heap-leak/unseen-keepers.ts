import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';

/** Every request races against a promise that settles only when the process ends; it stays registered there, with its result. */
export function racedShutdown(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, people, person, events } = draw.theme;
  const file = `${folder}/${draw.pick(['reports', 'pages', 'exports'])}`;
  const handler = `${draw.pick(['load', 'collect', 'gather'])}${capital(events)}`;
  const work = draw.pick(['readAll', 'fetchRows', 'compile']);
  const source = js`
    let stop«: (value: null) => void» = () => {};
    const stopped = new Promise«<null>»((resolve) => {
      stop = resolve;
    });
    process.once('SIGTERM', () => stop(null));

    async function ${work}(${person}«: string») {
      const rows = Array.from({ length: ${draw.int(600, 1300)} }, (_, i) => ({ ${item}: i, at: i * 1.5, note: \`\${${person}} \${i}\` }));
      await new Promise((resolve) => setTimeout(resolve, 3));
      return rows;
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const rows = await ${sick ? `Promise.race([${work}(params.id), stopped])` : `${work}(params.id)`}; //@cause
      return { ${events}: rows?.length ?? 0 };
    }
  `;
  const path = `/${people}/:id/${draw.pick(['report', 'history', 'export'])}`;
  return getRoute(file, source, { path, handler, weight: 14, examples: withIds(path, [4, 19, 33, 71]) });
}

/** What an asynchronous function made is put into an object by its caller, which is on no stack when it is allocated. */
export function awaitedRegistry(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, people, person, event } = draw.theme;
  const file = `${folder}/${draw.pick(['drafts', 'wizard', 'previews'])}`;
  const registry = draw.pick(['drafts', 'open', 'byId']);
  const handler = `begin${capital(event)}`;
  const source = js`
    import { randomUUID } from 'node:crypto';

    const ${registry}«: Record<string, { ${person}: string; rows: unknown[] }>» = {};

    async function prepare(${person}«: string») {
      await new Promise((resolve) => setTimeout(resolve, 2));
      const rows = Array.from({ length: ${draw.int(600, 1300)} }, (_, i) => ({ ${item}: i, price: i * 0.5, note: \`\${${person}} \${i}\` }));
      return { ${person}, rows };
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const id = randomUUID();
      ${registry}[id] = await prepare(params.id); //@cause
      const answer = { id, rows: ${registry}[id].rows.length };
      ${sick ? '' : `delete ${registry}[id];`}
      return answer;
    }
  `;
  const path = `/${people}/:id/${draw.pick(['draft', 'preview', 'wizard'])}`;
  return getRoute(file, source, { path, handler, weight: 14, examples: withIds(path, [4, 19, 33, 71]) });
}
