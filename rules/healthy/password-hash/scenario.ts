import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'password-hash',
  'Expensive password hashing, done asynchronously and seldom enough for the pool',
  {
    scrypt: (draw, folder) => login(draw, folder, 'scrypt', '64, { N: 16384, r: 8, p: 1 }'),
    pbkdf2: (draw, folder) => login(draw, folder, 'pbkdf2', `${draw.int(70, 90) * 1000}, 64, 'sha512'`),
  },
  (draw) => ({ ratePerS: draw.int(30, 40), warmupS: 2, durationS: 9 }),
);

function login(draw: Draw, folder: string, algorithm: string, options: string): Piece {
  const file = `${folder}/${draw.pick(['login', 'users', 'auth'])}`;
  const source = js`
    import { ${algorithm}, timingSafeEqual } from 'node:crypto';
    import { promisify } from 'node:util';

    const hash = promisify(${algorithm});
    const stored = Buffer.alloc(64);

    export async function login({ body }«: { body: { name: string; password: string } }») {
      const key = await hash(body.password, 'c0ffee', ${options});
      return { name: body.name, ok: timingSafeEqual(key, stored) };
    }
  `;
  const path = draw.pick(['/login', '/sessions']);
  const examples = [`${path} {"name":"mia","password":"letmein"}`];
  return { modules: [{ file, source }], routes: [{ method: 'POST', path, handler: 'login', module: file, weight: 2, examples }] };
}
