import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { lockSource, STYLES, type Style, takesWork } from './locks.js';

export const scenario: Scenario = {
  id: 'concurrency/lock-convoy',
  rule: 'concurrency/lock-convoy',
  title: 'One lock for all: it is held while another service is asked, so requests pass one after another',
  needs: [],
  causes: STYLES,
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(42, 80), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, lockedRoute(draw, folder, draw.inTurn(STYLES), load.ratePerS, sick), load);
  },
};

/** About every second request goes there. */
const WEIGHT = 14;

function lockedRoute(draw: Draw, folder: string, style: Style, ratePerS: number, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const service = draw.pick(['ledger', 'bank', 'depot', 'audit']);
  const remote = draw.chance(0.5);
  const ms = Math.round((1000 / (ratePerS * 0.5)) * (draw.int(105, 150) / 100));
  const lockFile = `${folder}/${draw.pick(['lock', 'mutex', 'sync', 'guard'])}`;
  const file = `${folder}/${draw.pick(['reserve', 'checkout', 'inventory', 'claims'])}`;
  const handler = `${draw.pick(['reserve', 'claim', 'book'])}${capital(item)}`;
  const ask = `ask${capital(service)}`;
  const variable = `${service.toUpperCase()}_URL`;
  const asking = remote
    ? js`
      async function ${ask}(id«: string») {
        const answer = await fetch(\`\${process.env.${variable}}/${service}/\${id}\`); //@cause
        return (await answer.json())«as { free: number }»;
      }
    `
    : js`
      import { setTimeout as delay } from 'node:timers/promises';

      async function ${ask}(id«: string») {
        await delay(${ms}); //@cause
        return { free: 1 + (id.length % 3) };
      }
    `;
  const source = js`
    import { ${takesWork(style) ? 'exclusive' : 'acquire'} } from './${lockFile.split('/').at(-1)}';
    ${asking}
    const left = new Map«<string, number>»();

    //@cause{
    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      ${body(style, sick, ask)}
    }
    //@cause}
  `;
  const path = `/${items}/:id/${draw.pick(['reserve', 'claim', 'hold'])}`;
  const piece = getRoute(file, source, { path, handler, weight: WEIGHT, examples: withIds(path, [4, 9, 16, 23, 42]) });
  return {
    ...piece,
    modules: [{ file: lockFile, source: lockSource(style) }, ...piece.modules],
    ...(remote
      ? {
          files: { [`${service}-service.mjs`]: serviceSource(ms) },
          companions: [{ name: service, file: `${service}-service.mjs`, urlEnv: variable }],
        }
      : {}),
  };
}

/** The whole difference: whether the other service is asked before the lock is taken, or while it is held. */
function body(style: Style, sick: boolean, ask: string): string {
  const asks = `const { free } = await ${ask}(params.id);`;
  const update = js`
    const stock = (left.get(params.id) ?? 1000) - free;
    left.set(params.id, stock > 0 ? stock : 1000);
    return { id: params.id, stock };
  `;
  const outside = sick ? '' : asks;
  const inside = `${sick ? asks : ''}\n${update}`;
  if (takesWork(style)) return `${outside}\nreturn exclusive(async () => {\n${inside}\n});`;
  return `${outside}\nconst release = await acquire();\ntry {\n${inside}\n} finally {\nrelease();\n}`;
}

function serviceSource(ms: number): string {
  return js`
    import http from 'node:http';
    import { setTimeout as delay } from 'node:timers/promises';

    const server = http.createServer(async (req, res) => {
      await delay(${ms - 2});
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify({ free: 1, path: req.url }));
    });

    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
      console.log(\`listening on \${server.address().port}\`);
    });
  `;
}
