import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { missingService } from '../../lab/services/install.js';
import type { Service } from '../../lab/services/service.js';
import { startService } from '../../lab/services/start.js';
import { startTarget, type Target } from '../testing/target.js';
import { lineOf, recorded } from '../testing/waits.js';

const missing = missingService('mariadb');
let service: Service;
let target: Target;

describe.skipIf(missing)(`mysql2${missing ? ` (skipped: ${missing})` : ''}`, { timeout: 30_000 }, () => {
  beforeAll(async () => {
    service = await startService('mariadb');
  }, 120_000);
  afterAll(() => service?.stop());
  afterEach(() => target?.stop());

  const start = async (depth: 'standard' | 'none' = 'standard') => {
    target = await startTarget('drivers/mysql.mjs', { depth, env: { MARIADB_URL: service.url } });
    if (depth !== 'none') await target.session();
  };

  it('books statements to the request, with fingerprint and line, whichever way they are asked', async () => {
    await start();
    for (const path of ['/query', '/execute', '/callback', '/stream', '/client', '/fails', '/fails-prepared']) await target.get(path);
    const { of, session } = await recorded(target);
    const server = service.url.replace('root@', '');
    const words = (path: string) => of(path).map(({ kind, dest }) => `${kind} ${dest.replace(server, '').trim()}`.trim());
    expect(words('/query')).toEqual(['db/connect', 'db/execute SELECT ? AS secret, ? AS id']);
    expect(of('/query').map(({ site }) => lineOf(session, site, 'mysql.mjs'))).toEqual([10, 10]);
    expect(words('/execute')).toEqual(['db/execute SELECT ? + ? AS sum']);
    expect(lineOf(session, of('/execute')[0]!.site, 'mysql.mjs')).toBe(14);
    expect(words('/callback')).toEqual(['db/execute SELECT ? AS seven']);
    expect(words('/stream')).toEqual(['db/execute SELECT ? AS one UNION SELECT ?']);
    expect(words('/client')).toEqual(['db/execute START TRANSACTION', 'db/execute SELECT ? AS three', 'db/execute ROLLBACK']);
    expect(words('/fails')).toEqual(['db/execute SELECT * FROM no_such_table']);
    expect(words('/fails-prepared')).toEqual(['db/execute SELECT * FROM no_such_table']);
    expect(JSON.stringify(session.messages)).not.toMatch(/planted-secret|4711471147/);
  });

  it("tells waiting for a connection from the server's work, in a pool and on a shared one", async () => {
    await start();
    await Promise.all([target.get('/query'), target.get('/query')]);
    await Promise.all(Array.from({ length: 6 }, () => target.get('/slow')));
    await Promise.all(Array.from({ length: 3 }, () => target.get('/shared')));
    const run = await recorded(target);
    const spent = (path: string, kind: string) =>
      run
        .ids(path)
        .map((id) =>
          run
            .byOwner(id)
            .filter((wait) => wait.kind === kind)
            .reduce((sum, { ms }) => sum + ms, 0),
        )
        .sort((a, b) => a - b);
    expect(spent('/slow', 'db/pool-wait')[5]).toBeGreaterThan(250);
    expect(spent('/slow', 'db/execute')[0]).toBeGreaterThan(195);
    expect(spent('/slow', 'db/execute')[0]).toBeLessThan(550);
    expect(spent('/shared', 'db/pool-wait').at(-1)).toBeGreaterThan(250);
    expect(spent('/shared', 'db/execute')[0]).toBeLessThan(550);
  });

  it('changes nothing for the application', async () => {
    const paths = ['/query', '/execute', '/callback', '/stream', '/client', '/fails', '/fails-prepared', '/shared'];
    const answers = () => Promise.all(paths.map((path) => target.get(path)));
    await start('none');
    const bare = await answers();
    await target.stop();
    await start();
    expect(await answers()).toEqual(bare);
    await target.finish();
    expect(await answers()).toEqual(bare);
  });
});
