import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'cold-start',
  'The first request of a route prepares something, once, while the recording runs',
  { 'compile-templates': prepare, 'load-dictionary': dictionary },
  (draw) => ({ ratePerS: draw.int(35, 50), warmupS: 0, durationS: 10 }),
);

function prepare(draw: Draw, folder: string): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['templates', 'layouts', 'mail'])}`;
  const source = js`
    import { ${items} } from './store';

    let compiled«: Map<string, Function> | undefined»;

    function compileAll() {
      const names = Array.from({ length: ${draw.int(1500, 2200)} }, (_, i) => \`t\${i}\`);
      return new Map(names.map((name) => [name, new Function('row', \`return '<p>\${name} ' + row.name + '</p>'\`)]));
    }

    export async function greet${capital(item)}({ params }«: { params: Record<string, string> }») {
      compiled ??= compileAll();
      return { html: compiled.get(\`t\${Number(params.id) % 100}\`)(${items}[Number(params.id) % ${items}.length]) };
    }
  `;
  return pieceOf(draw, file, source, `greet${capital(item)}`, `/${items}/:id/mail`);
}

function dictionary(draw: Draw, folder: string): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['dictionary', 'synonyms', 'spelling'])}`;
  const source = js`
    let words«: Map<string, number> | undefined»;

    function loadWords() {
      const known = new Map«<string, number>»();
      for (let i = 0; i < ${draw.int(110, 150) * 1000}; i++) known.set(\`${item}-\${(i * 7919) % 1000003}\`, i);
      return known;
    }

    export async function spell${capital(item)}({ params }«: { params: Record<string, string> }») {
      words ??= loadWords();
      return { word: params.id, known: words.has(\`${item}-\${params.id}\`) };
    }
  `;
  return pieceOf(draw, file, source, `spell${capital(item)}`, `/${items}/:id/spelling`);
}

function pieceOf(draw: Draw, file: string, source: string, handler: string, path: string): Piece {
  const examples = [4, 28, 61].map((id) => path.replace(':id', String(id + draw.int(0, 5))));
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight: 6, examples }] };
}
