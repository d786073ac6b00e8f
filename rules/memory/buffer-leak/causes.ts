import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';

/** Rendered pictures are kept under a key that is new each time. */
export function renderedCache(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['thumbnails', 'badges', 'labels'])}`;
  const cache = draw.pick(['rendered', 'tiles', 'pictures']);
  const handler = `render${capital(item)}`;
  const source = js`
    const ${cache} = new Map«<string, Buffer>»();

    function draw${capital(item)}(id«: string») {
      const picture = Buffer.alloc(${draw.int(40, 90)} * 1024);
      picture.write('BM' + id);
      return picture;
    }

    export async function ${handler}({ params, query }«: { params: Record<string, string>; query: Record<string, string> }») {
      const key = params.id + (query.size ?? 'm')${sick ? ' + performance.now()' : ''};
      const known = ${cache}.get(key) ?? draw${capital(item)}(params.id);
      ${cache}.set(key, known); //@cause
      return { id: params.id, bytes: known.length };
    }
  `;
  const path = `/${items}/:id/${draw.pick(['badge', 'label', 'thumbnail'])}`;
  return getRoute(file, source, { path, handler, weight: 14, examples: withIds(path, [3, 8, 21, 40]) });
}

/** Sixteen bytes of each upload are remembered, as a slice that keeps the whole upload. */
export function slicedUpload(draw: Draw, folder: string, sick: boolean): Piece {
  const { people, person, event } = draw.theme;
  const file = `${folder}/${draw.pick(['uploads', 'signatures', 'fingerprints'])}`;
  const list = draw.pick(['heads', 'prefixes', 'marks']);
  const handler = `take${capital(event)}`;
  const source = js`
    const ${list}«: Buffer[]» = [];

    function receive(${person}«: string») {
      return Buffer.concat([Buffer.from(${person}.padEnd(16)), Buffer.alloc(${draw.int(40, 90)} * 1024, 1)]);
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const body = receive(params.id);
      ${list}.push(${sick ? 'body.subarray(0, 16)' : 'Buffer.from(body.subarray(0, 16))'}); //@cause
      return { ${person}: params.id, bytes: body.length, known: ${list}.length };
    }
  `;
  const path = `/${people}/:id/${draw.pick(['upload', 'scan', 'signature'])}`;
  return getRoute(file, source, { path, handler, weight: 14, examples: withIds(path, [3, 8, 21, 40]) });
}

/** The readings of every request are kept as typed arrays. */
export function typedHistory(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['forecast', 'signals', 'curves'])}`;
  const history = draw.pick(['history', 'series', 'past']);
  const handler = `forecast${capital(item)}`;
  const source = js`
    const ${history}«: Float64Array[]» = [];

    function curveOf(id«: number») {
      const curve = new Float64Array(${draw.int(6, 11)} * 1000);
      for (let i = 0; i < curve.length; i++) curve[i] = Math.sin(i * 0.01 + id);
      return curve;
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const curve = curveOf(Number(params.id));
      ${history}.push(curve); //@cause
      ${sick ? '' : `if (${history}.length > 50) ${history}.shift();`}
      return { id: params.id, next: curve.at(-1), seen: ${history}.length };
    }
  `;
  const path = `/${items}/:id/${draw.pick(['forecast', 'curve', 'signal'])}`;
  return getRoute(file, source, { path, handler, weight: 14, examples: withIds(path, [3, 8, 21, 40]) });
}
