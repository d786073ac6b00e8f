import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { clientOf, serviceOf } from './partner.js';

/** How the other service fails, and who asks again. */
const CAUSES = ['refused', 'timed-out', 'layers', 'overloaded'] as const;
export type Cause = (typeof CAUSES)[number];

export const scenario: Scenario = {
  id: 'network/retry-storm',
  rule: 'network/retry-storm',
  title: 'A service is in trouble, and every call that fails is made again at once, many times',
  needs: [],
  causes: CAUSES,
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(36, 44), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, asking(draw, folder, draw.inTurn(CAUSES), sick), load);
  },
};

/** More than half of the requests go there. */
const WEIGHT = 20;

function asking(draw: Draw, folder: string, cause: Cause, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const partner = draw.pick(['rates', 'stock', 'delivery', 'credit']);
  const ask = `ask${capital(partner)}`;
  const client = `${folder}/${draw.pick(['partner', 'upstream', 'gateway'])}`;
  const retry = `${folder}/${draw.pick(['again', 'resilient', 'attempts'])}`;
  const file = `${folder}/${draw.pick(['offers', 'quotes', 'prices'])}`;
  const handler = `offer${capital(item)}`;
  const tries = draw.int(6, 9);
  const style = draw.pick(['loop', 'recursion'] as const);
  const handlerSource = js`
    import { withRetries } from './${retry.split('/').at(-1)}';
    import { ${ask} } from './${client.split('/').at(-1)}';

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      try {
        return { id: params.id, ${partner}: await withRetries(() => ${cause === 'layers' ? `withRetries(() => ${ask}(params.id))` : `${ask}(params.id)`}) }; //@cause
      } catch {
        return { id: params.id, ${partner}: null };
      }
    }
  `;
  const path = `/${items}/:id/offer`;
  return {
    modules: [
      { file: client, source: clientOf(draw.pick(['fetch', 'http']), ask, partner, cause === 'timed-out' ? draw.int(55, 75) : null) },
      { file: retry, source: retrySource(style, sick ? (cause === 'layers' ? 3 : tries) : 1) },
      { file, source: handlerSource },
    ],
    files: { [`${partner}-service.mjs`]: serviceOf(cause, draw.int(8, 16)) },
    companions: [{ name: partner, file: `${partner}-service.mjs`, urlEnv: 'PARTNER_URL' }],
    routes: [{ method: 'GET', path, handler, module: file, weight: WEIGHT, examples: withIds(path, [3, 8, 15, 22, 41]) }],
  };
}

/** The whole difference: how often. */
function retrySource(style: 'loop' | 'recursion', tries: number): string {
  if (style === 'recursion') {
    return js`
      //@cause{
      export async function withRetries«<T>»(call«: () => Promise<T>», left = ${tries})«: Promise<T>» {
        try {
          return await call();
        } catch (error) {
          if (left <= 1) throw error;
          return withRetries(call, left - 1);
        }
      }
      //@cause}
    `;
  }
  return js`
    const TRIES = ${tries};

    //@cause{
    export async function withRetries«<T>»(call«: () => Promise<T>»)«: Promise<T>» {
      for (let attempt = 1; ; attempt++) {
        try {
          return await call();
        } catch (error) {
          if (attempt >= TRIES) throw error;
        }
      }
    }
    //@cause}
  `;
}
