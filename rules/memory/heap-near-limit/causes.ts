import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';

const ROOMY_MB = 800;

/** A whole catalogue in memory, parts of which are read anew, under a limit from the days when it was small. */
export function bigCatalogue(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['catalogue', 'index', 'assortment'])}`;
  const handler = `similar${capital(items)}`;
  const source = js`
    const entryOf = (id«: number») => ({ id, name: \`${item} \${id}\`, tags: [id % 7, id % 11] });
    const entries = Array.from({ length: ${draw.int(318, 330)} * 1000 }, (_, id) => entryOf(id));

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const first = (Number(params.id) * 977) % (entries.length - 3000);
      for (let id = first; id < first + 1500; id++) entries[id] = entryOf(id);
      await new Promise((resolve) => setTimeout(resolve, ${draw.int(8, 16)}));
      return entries.slice(first, first + 1500).filter(({ id }) => id % 300 === 0);
    }
  `;
  const path = `/${items}/:id/${draw.pick(['similar', 'near', 'alike'])}`;
  return { ...getRoute(file, source, { path, handler, weight: 14, examples: withIds(path, [3, 8, 21, 40]) }), ...limited(90, sick) };
}

/** A bounded table of sessions whose bound was raised, and the heap's was not. */
export function sessionTable(draw: Draw, folder: string, sick: boolean): Piece {
  const { person, people, event } = draw.theme;
  const file = `${folder}/${draw.pick(['sessions', 'presence', 'profiles'])}`;
  const handler = `touch${capital(person)}`;
  const source = js`
    const MOST = ${draw.int(188, 194)} * 1000;
    const sessions = new Map«<number, { seen: number; ${event}: string; path: string[] }>»();
    for (let id = 0; id < MOST; id++) sessions.set(id, sessionOf(id));

    function sessionOf(id«: number») {
      return { seen: id, ${event}: \`${event} \${id}\`, path: ['/', \`/${people}/\${id}\`, '/out'] };
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const first = (Number(params.id) * 613) % (MOST - 1500);
      for (let id = first; id < first + 1500; id++) sessions.set(id, sessionOf(id));
      await new Promise((resolve) => setTimeout(resolve, ${draw.int(4, 9)}));
      return { ${person}: params.id, online: sessions.size };
    }
  `;
  const path = `/${people}/:id/${draw.pick(['touch', 'online', 'seen'])}`;
  return {
    ...getRoute(file, source, { path, handler, weight: 14, examples: withIds(path, [3, 8, 21, 40, 77, 120]) }),
    ...limited(80, sick),
  };
}

/** `tightMb`: a third more than what is alive, so that V8 has no room to wait. */
function limited(tightMb: number, sick: boolean): Pick<Piece, 'nodeArgs'> {
  return { nodeArgs: [`--max-old-space-size=${sick ? tightMb : ROOMY_MB}`] };
}
