import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';

/** Two locks taken in opposite order; a branch that resolves nothing; a lock that an error path does not release. */
const CAUSES = ['opposite-order', 'forgotten-resolve', 'kept-lock'] as const;

export const scenario: Scenario = {
  id: 'concurrency/async-deadlock',
  rule: 'concurrency/async-deadlock',
  title: 'Requests wait for promises that nobody will settle any more',
  needs: [],
  causes: CAUSES,
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(20, 40), warmupS: 2, durationS: 8 };
    const make = { 'opposite-order': transfer, 'forgotten-resolve': lookup, 'kept-lock': update }[draw.inTurn(CAUSES)];
    return ordinaryApp(draw, folder, make(draw, folder, sick), load);
  },
};

const MUTEX = js`
  export class Mutex {
    «private »held = false;
    «private »waiting«: (() => void)[]» = [];

    async acquire() {
      if (this.held) await new Promise«<void>»((resolve) => this.waiting.push(resolve)); //@cause
      this.held = true;
    }

    release() {
      const next = this.waiting.shift();
      if (next) next();
      else this.held = false;
    }
  }
`;

/** One way takes the locks in the order of the accounts, the other in the order of the transfer. */
function transfer(draw: Draw, folder: string, sick: boolean): Piece {
  const { person, people } = draw.theme;
  const lock = `${folder}/${draw.pick(['mutex', 'lock'])}`;
  const file = `${folder}/${draw.pick(['transfer', 'swap', 'points'])}`;
  const handler = `transfer${capital(person)}`;
  const ms = draw.int(20, 35);
  const source = js`
    import { setTimeout as delay } from 'node:timers/promises';
    import { Mutex } from './${lock.split('/').at(-1)}';

    const accounts = [1, 2].map((id) => ({ id, points: 1000, lock: new Mutex() }));

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const [from, to] = Number(params.id) % 2 ? accounts : [...accounts].reverse();
      //@cause{
      const [first, second] = ${sick ? '[from, to]' : 'accounts'};
      await first.lock.acquire();
      await delay(${ms});
      await second.lock.acquire();
      //@cause}
      from.points--;
      to.points++;
      second.lock.release();
      first.lock.release();
      return { from: from.points, to: to.points };
    }
  `;
  const path = `/${people}/:id/transfer`;
  const piece = getRoute(file, source, { path, handler, weight: 9, examples: withIds(path, [3, 4, 9, 12]) });
  return { ...piece, modules: [{ file: lock, source: MUTEX }, ...piece.modules] };
}

/** What is not found resolves nothing. */
function lookup(draw: Draw, folder: string, sick: boolean): Piece {
  const { event, events } = draw.theme;
  const file = `${folder}/${draw.pick(['lookup', 'finder', 'directory'])}`;
  const handler = `find${capital(event)}`;
  const source = js`
    const known = new Map(Array.from({ length: 50 }, (_, i) => [String(i), { id: i, name: '${event} ' + i }]));

    function find(id«: string»)«: Promise<unknown>» {
      return new Promise((resolve) => {
        setTimeout(() => {
          const found = known.get(id);
          ${sick ? 'if (found) resolve(found);' : "resolve(found ?? { error: 'not found' });"}
        }, ${draw.int(3, 12)});
      });
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const ${event} = await find(params.id); //@cause
      return { ${event} };
    }
  `.replace('return new Promise((resolve) => {', 'return new Promise((resolve) => { //@cause');
  const path = `/${events}/:id/find`;
  return getRoute(file, source, { path, handler, weight: 9, examples: withIds(path, [3, 7, 99, 21, 40]) });
}

/** The check leaves early, with the lock. */
function update(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const lock = `${folder}/${draw.pick(['mutex', 'lock'])}`;
  const file = `${folder}/${draw.pick(['update', 'restock', 'adjust'])}`;
  const handler = `restock${capital(item)}`;
  const source = js`
    import { setTimeout as delay } from 'node:timers/promises';
    import { Mutex } from './${lock.split('/').at(-1)}';

    const lock = new Mutex();
    const stock = new Map«<string, number>»();

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      //@cause{
      await lock.acquire();
      const before = stock.get(params.id) ?? 0;
      if (before >= 40) {
        stock.delete(params.id);
        ${sick ? '' : 'lock.release();'}
        return { full: true };
      }
      await delay(${draw.int(1, 2)});
      stock.set(params.id, before + 1);
      lock.release();
      //@cause}
      return { stock: before + 1 };
    }
  `;
  const path = `/${items}/:id/restock`;
  const piece = getRoute(file, source, { path, handler, weight: 9, examples: withIds(path, [5]) });
  return { ...piece, modules: [{ file: lock, source: MUTEX }, ...piece.modules] };
}
