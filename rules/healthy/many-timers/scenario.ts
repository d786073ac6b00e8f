import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'many-timers',
  'Thousands of timers are pending at any time, one per session, and each is cleared and set anew by its next request',
  { sessions: (draw, folder) => sessions(draw, folder, false), 'with-data': (draw, folder) => sessions(draw, folder, true) },
  (draw) => ({ ratePerS: draw.int(70, 100), warmupS: 3, durationS: 10 }),
);

function sessions(draw: Draw, folder: string, withData: boolean): Piece {
  const { person, people } = draw.theme;
  const file = `${folder}/${draw.pick(['sessions', 'presence', 'online'])}`;
  const handler = `touch${capital(person)}`;
  const data = withData ? `Array.from({ length: 20 }, (_, i) => \`\${id}/\${i}\`)` : 'null';
  const source = js`
    const IDLE_MS = ${draw.int(20, 30) * 60_000};
    const sessions = new Map«<string, { timer: NodeJS.Timeout; data: unknown }>»();

    function touch(id«: string») {
      const known = sessions.get(id);
      if (known) clearTimeout(known.timer);
      const timer = setTimeout(() => sessions.delete(id), IDLE_MS).unref();
      sessions.set(id, { timer, data: known?.data ?? ${data} });
    }

    for (let id = 0; id < ${draw.int(3000, 5000)}; id++) touch(String(id));

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      touch(params.id);
      return { ${person}: params.id, online: sessions.size };
    }
  `;
  const path = `/${people}/:id/touch`;
  return getRoute(file, source, { path, handler, weight: 12, examples: [path.replace(':id', '[1-2900]')] });
}
