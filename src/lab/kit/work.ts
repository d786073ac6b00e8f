import type { Draw } from './draw.js';
import type { Piece } from './piece.js';
import { js } from './source.js';
import { capital } from './themes.js';

export interface WorkOptions {
  /** What one request costs on the main thread, on a machine like the one the constants below were measured on. */
  ms: number;
  weight: number;
}

/** An ordinary route whose answer costs a few milliseconds of honest JavaScript, in one of three shapes. */
export function honestWork(draw: Draw, folder: string, options: WorkOptions): Piece {
  return draw.pick([statistics, table, signature])(draw, folder, options);
}

function statistics(draw: Draw, folder: string, { ms, weight }: WorkOptions): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['stats', 'figures', 'trends'])}`;
  const handler = `${item}Statistics`;
  const source = js`
    const readings = Uint16Array.from({ length: 20_000 }, (_, i) => 500 + ((i * 7919) % 1009));

    function histogram(scale«: number») {
      const buckets = new Uint32Array(64);
      for (let i = 0; i < readings.length; i++) buckets[((readings[i] * scale) >> 8) & 63]++;
      return buckets;
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const modes = [];
      for (let scale = 1; scale <= ${Math.round(ms * 15)}; scale++) modes.push(histogram(scale + Number(params.id)).indexOf(0));
      return { id: params.id, modes: modes.slice(0, 10) };
    }
  `;
  return pieceOf(file, source, handler, `/${items}/:id/${draw.pick(['stats', 'trend', 'figures'])}`, weight);
}

function table(draw: Draw, folder: string, { ms, weight }: WorkOptions): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['table', 'sheet', 'view'])}`;
  const handler = `render${capital(items)}`;
  const source = js`
    import { ${items} } from './store';

    function escape(text«: string») {
      return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    }

    function page(first«: number») {
      let html = '';
      for (let i = first; i < first + 100; i++) {
        const ${item} = ${items}[i % ${items}.length];
        html += \`<tr><td>\${${item}.id}</td><td>\${escape(${item}.name)}</td><td>\${(${item}.price / 100).toFixed(2)}</td></tr>\`;
      }
      return html;
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      let bytes = 0;
      for (let n = 0; n < ${Math.round(ms * 16)}; n++) bytes += page(Number(params.id) + n * 100).length;
      return { id: params.id, bytes, html: page(Number(params.id)) };
    }
  `;
  return pieceOf(file, source, handler, `/${items}/:id/${draw.pick(['table', 'sheet', 'print'])}`, weight);
}

function signature(draw: Draw, folder: string, { ms, weight }: WorkOptions): Piece {
  const { event, events } = draw.theme;
  const file = `${folder}/${draw.pick(['signing', 'receipt', 'seal'])}`;
  const handler = `sign${capital(event)}`;
  const source = js`
    import { createHmac } from 'node:crypto';

    const secret = 'a72c0e';

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      let digest = params.id;
      for (let round = 0; round < ${Math.round(ms * 270)}; round++) {
        digest = createHmac('sha256', secret).update(digest).digest('hex');
      }
      return { id: params.id, digest };
    }
  `;
  return pieceOf(file, source, handler, `/${events}/:id/${draw.pick(['receipt', 'seal', 'signature'])}`, weight);
}

function pieceOf(file: string, source: string, handler: string, path: string, weight: number): Piece {
  const examples = [3, 18, 44, 71].map((id) => path.replace(':id', String(id)));
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight, examples }] };
}
