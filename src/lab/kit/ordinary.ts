import type { App, Load } from '../scenario.js';
import { distractors } from './distractors.js';
import type { Draw } from './draw.js';
import type { Piece } from './piece.js';
import { js } from './source.js';
import { capital } from './themes.js';

/**
 * An ordinary small backend (a list, a detail page, two or three routes that look guilty and are not) with `piece` in it.
 * `folder` is where its modules lie; pieces name theirs with the same one.
 */
export function ordinaryApp(draw: Draw, folder: string, piece: Piece, load: Load): App {
  const guiltyLooking = draw.shuffle(distractors(draw, folder)).filter((distractor) => !clash(distractor, piece));
  const parts: Piece[] = [store(draw, folder), ...guiltyLooking.slice(0, draw.int(2, 3)), piece];
  return {
    name: `${draw.theme.service}-api`,
    modules: parts.flatMap((part) => part.modules),
    routes: draw.shuffle(parts.flatMap((part) => part.routes)),
    boot: parts.flatMap((part) => part.boot ?? []),
    serverLines: parts.flatMap((part) => part.serverLines ?? []),
    files: Object.assign({}, ...parts.map((part) => part.files ?? {})),
    nodeArgs: piece.nodeArgs ?? [],
    env: piece.env ?? {},
    companions: piece.companions ?? [],
    services: piece.services ?? [],
    ...(piece.backlog === undefined ? {} : { backlog: piece.backlog }),
    ...(piece.quotaCores === undefined ? {} : { quotaCores: piece.quotaCores }),
    load,
  };
}

/** Two pieces that would write the same file or answer the same path. */
function clash(a: Piece, b: Piece): boolean {
  const namesOf = ({ modules, routes }: Piece) => [...modules.map(({ file }) => file), ...routes.map(({ path }) => path)];
  const names = new Set(namesOf(a));
  return namesOf(b).some((name) => names.has(name));
}

export function drawFolder(draw: Draw): string {
  return draw.pick(['lib', 'src', 'services', 'handlers', 'app']);
}

/** `<folder>/store` exports the array of items (id, name, price, stock), listX and getX. */
function store(draw: Draw, folder: string): Piece {
  const { item, items, adjectives, nouns } = draw.theme;
  const count = draw.int(200, 900);
  const size = draw.pick([10, 20, 25]);
  const ids = Array.from({ length: 6 }, () => draw.int(1, count));
  const source = js`
    const adjectives = ${JSON.stringify(adjectives).replaceAll('"', "'").replaceAll(',', ', ')};
    const nouns = ${JSON.stringify(nouns).replaceAll('"', "'").replaceAll(',', ', ')};

    «export interface ${capital(item)} {
      id: number;
      name: string;
      price: number;
      stock: number;
    }»

    export const ${items}«: ${capital(item)}[]» = Array.from({ length: ${count} }, (_, i) => ({
      id: i + 1,
      name: \`\${adjectives[i % adjectives.length]} \${nouns[(i * 5) % nouns.length]} \${i}\`,
      price: 100 + ((i * 37) % 4000),
      stock: (i * 13) % 50,
    }));

    export async function list${capital(items)}({ query }«: { query: Record<string, string> }») {
      const page = Number(query.page ?? 1);
      return ${items}.slice((page - 1) * ${size}, page * ${size});
    }

    export async function get${capital(item)}({ params }«: { params: Record<string, string> }») {
      return ${items}.find((${item}) => ${item}.id === Number(params.id)) ?? { error: 'not found' };
    }
  `;
  return {
    modules: [{ file: `${folder}/store`, source }],
    routes: [
      {
        method: 'GET',
        path: `/${items}`,
        handler: `list${capital(items)}`,
        module: `${folder}/store`,
        weight: 4,
        examples: [`/${items}`, `/${items}?page=2`, `/${items}?page=3`],
      },
      {
        method: 'GET',
        path: `/${items}/:id`,
        handler: `get${capital(item)}`,
        module: `${folder}/store`,
        weight: 5,
        examples: ids.map((id) => `/${items}/${id}`),
      },
    ],
  };
}
