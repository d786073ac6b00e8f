import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';

/** Reads the head of a file for its type and forgets to close it on the early return. */
export function earlyReturn(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['media', 'covers', 'attachments'])}`;
  const handler = `describe${capital(item)}`;
  const name = draw.pick(['types', 'kinds', 'formats']);
  const source = js`
    import { close, open, read } from 'node:fs';
    import path from 'node:path';
    import { promisify } from 'node:util';

    const opening = promisify(open);
    const reading = promisify(read);
    const closing = promisify(close);

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const fd = await opening(path.join(import.meta.dirname, '${name}.json'), 'r'); //@cause
      const head = Buffer.alloc(${draw.int(16, 64)});
      await reading(fd, head, 0, head.length, 0);
      ${sick ? `if (head[0] === 0x7b) return { id: params.id, type: 'json' };` : ''}
      await closing(fd);
      return { id: params.id, type: 'json' };
    }
  `;
  const path = `/${items}/:id/${draw.pick(['type', 'media', 'cover'])}`;
  const piece = getRoute(file, source, { path, handler, weight: 6, examples: withIds(path, [3, 8, 21, 40]) });
  return {
    ...piece,
    files: { [`${folder}/${name}.json`]: JSON.stringify({ kind: item, version: 2, fields: ['id', 'name', 'price', 'stock'] }) },
  };
}

/** A stream is read until the first line is there, and left. */
export function abandonedStream(draw: Draw, folder: string, sick: boolean): Piece {
  const { items, people, person } = draw.theme;
  const file = `${folder}/${draw.pick(['imports', 'feeds', 'headers'])}`;
  const handler = `preview${capital(items)}`;
  const name = draw.pick(['import', 'feed', 'catalogue']);
  const source = js`
    import { once } from 'node:events';
    import { createReadStream } from 'node:fs';
    import path from 'node:path';

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const input = createReadStream(path.join(import.meta.dirname, '${name}.csv'), { encoding: 'utf8', highWaterMark: ${draw.int(1, 4) * 1024} }); //@cause
      const [chunk] = await once(input, 'data');
      ${sick ? 'input.pause();' : 'input.destroy();'}
      return { ${person}: params.id, columns: chunk.split('\\n')[0].split(',') };
    }
  `;
  const path = `/${people}/:id/${draw.pick(['preview', 'columns', 'header'])}`;
  const rows = Array.from({ length: 2000 }, (_, i) => `${i},name ${i},${i * 7}`);
  const piece = getRoute(file, source, { path, handler, weight: 6, examples: withIds(path, [3, 8, 21, 40]) });
  return { ...piece, files: { [`${folder}/${name}.csv`]: `id,name,price\n${rows.join('\n')}\n` } };
}

/** A connection of its own for each request, which is asked and never ended. */
export function connectionPerRequest(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items, event } = draw.theme;
  const file = `${folder}/${draw.pick(['pricing', 'inventory', 'quotes'])}`;
  const handler = `${draw.pick(['price', 'quote', 'value'])}${capital(item)}`;
  const source = js`
    import { once } from 'node:events';
    import { connect } from 'node:net';

    const { hostname, port } = new URL(process.env.${event.toUpperCase()}_URL ?? 'http://127.0.0.1:9000');

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const socket = connect(Number(port), hostname); //@cause
      socket.setEncoding('utf8');
      socket.on('error', () => {});
      socket.write(\`\${params.id}\\n\`);
      const [answer] = await once(socket, 'data');
      ${sick ? '' : 'socket.end();'}
      return { id: params.id, price: Number(answer) };
    }
  `;
  const server = js`
    import { createServer } from 'node:net';

    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (id) => socket.write(String(100 + (Number(id) % 50)) + '\\n'));
    });
    server.listen(0, '127.0.0.1', () => console.log('listening on ' + server.address().port));
  `;
  const path = `/${items}/:id/${draw.pick(['price', 'quote', 'offer'])}`;
  const piece = getRoute(file, source, { path, handler, weight: 6, examples: withIds(path, [3, 8, 21, 40]) });
  const companion = { name: 'pricing', file: 'pricing-service.mjs', urlEnv: `${event.toUpperCase()}_URL` };
  return { ...piece, files: { 'pricing-service.mjs': server }, companions: [companion] };
}
