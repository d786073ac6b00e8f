import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { missingService } from '../../lab/services/install.js';
import type { Service } from '../../lab/services/service.js';
import { startService } from '../../lab/services/start.js';
import { WaitFlag } from '../../model/recording.js';
import { startTarget, type Target } from '../testing/target.js';
import { lineOf, recorded } from '../testing/waits.js';

const missing = missingService('postgres');
let service: Service;
let target: Target;

describe.skipIf(missing)(`pg${missing ? ` (skipped: ${missing})` : ''}`, { timeout: 30_000 }, () => {
  beforeAll(async () => {
    service = await startService('postgres', ['-c', 'fsync=off']);
  }, 120_000);
  afterAll(() => service?.stop());
  afterEach(() => target?.stop());

  const start = async (depth: 'standard' | 'none' = 'standard') => {
    target = await startTarget('drivers/pg.mjs', { depth, env: { POSTGRES_URL: service.url } });
    if (depth !== 'none') await target.session();
  };
  const server = () => service.url.replace('postgres@', '');

  it("books statements to the request, with fingerprint and the application's line, whichever way they are asked", async () => {
    await start();
    for (const path of ['/await', '/client', '/callback', '/fails']) await target.get(path);
    const run = await recorded(target);
    const { of, session } = run;

    expect(of('/await').map(({ kind, dest }) => [kind, dest])).toEqual([
      ['db/connect', server()],
      ['db/execute', `${server()} SELECT ? AS secret, ? AS id WHERE ? IN (?+)`],
    ]);
    for (const wait of of('/await')) expect(lineOf(session, wait.site, 'pg.mjs')).toBe(12);
    expect(JSON.stringify(session.messages)).not.toMatch(/planted-secret|4711471147/);

    expect(of('/client').map(({ kind, dest }) => [kind, dest.replace(`${server()} `, '')])).toEqual([
      ['db/execute', 'BEGIN'],
      ['db/execute', 'SELECT ?::int + ? AS sum'],
      ['db/execute', 'COMMIT'],
    ]);
    expect(of('/client').map((wait) => lineOf(session, wait.site, 'pg.mjs'))).toEqual([22, 23, 24]);

    expect(of('/callback').map(({ dest }) => dest)).toEqual([`${server()} SELECT ? AS seven`]);
    // What its callback burns is the request's own, although the answer came on another's connection.
    const { ownUs } = session.rows['requests']!.find(({ id }) => id === run.idOf('/callback'))!;
    expect(ownUs).toBeGreaterThan(19_000);
    expect(of('/fails').map(({ kind }) => kind)).toEqual(['db/execute']);
  });

  it("tells waiting for one of two connections from the server's work", async () => {
    await start();
    await target.get('/await');
    await Promise.all([target.get('/slow'), target.get('/slow')]);
    await Promise.all(Array.from({ length: 8 }, () => target.get('/slow')));
    const run = await recorded(target);
    const { session } = run;
    const eight = run
      .ids('/slow')
      .slice(2)
      .map((id) => run.byOwner(id));
    const waited = eight.map((waits) => waits.filter(({ kind }) => kind === 'db/pool-wait').reduce((sum, { ms }) => sum + ms, 0));
    const answered = eight.map((waits) => waits.find(({ kind }) => kind === 'db/execute')!.ms);
    // Two at a time, 200 ms each: the last pair waits for three others.
    waited.sort((a, b) => a - b);
    expect(waited[1]).toBeLessThan(150);
    expect(waited[6]).toBeGreaterThan(450);
    for (const ms of answered) expect(ms).toBeGreaterThan(195);
    for (const id of run.ids('/slow').slice(2)) {
      const { startUs = 0, endUs = 0 } = session.rows['requests']!.find((row) => row['id'] === id)!;
      const known = run.byOwner(id).reduce((sum, { ms }) => sum + ms, 0);
      expect(known).toBeGreaterThan(((endUs - startUs) / 1000) * 0.9);
    }
    const dests = new Set(
      eight
        .flat()
        .filter(({ kind }) => kind === 'db/pool-wait')
        .map(({ dest }) => dest),
    );
    expect([...dests]).toEqual([`${server()} pool of 2`]);
  });

  it('sees requests queue for one shared client', async () => {
    await start();
    await Promise.all(Array.from({ length: 4 }, () => target.get('/shared')));
    const run = await recorded(target);
    const waits = run.ids('/shared').map((id) => run.byOwner(id));
    const waited = waits.map((list) => list.find(({ kind }) => kind === 'db/pool-wait')?.ms ?? 0).sort((a, b) => a - b);
    // 200 ms each, one after the other.
    expect(waited[0]).toBeLessThan(150);
    expect(waited[3]).toBeGreaterThan(350);
    for (const list of waits) expect(list.find(({ kind }) => kind === 'db/execute')!.ms).toBeLessThan(550);
  });

  it('tells which connection was not given back, and where it was taken', async () => {
    await start();
    for (const path of ['/keeps', '/client', '/await', '/fails']) await target.get(path);
    await delay(1200);
    const { waits, idOf, session } = await recorded(target);
    const kept = waits.filter(({ kind }) => kind === 'db/held');
    expect(kept).toMatchObject([{ owner: idOf('/keeps'), dest: `${server()} pool of 2`, flags: WaitFlag.open }]);
    expect(lineOf(session, kept[0]!.site, 'pg.mjs')).toBe(42);
  });

  it('changes nothing for the application, and is gone afterwards', async () => {
    const answers = async () => {
      const paths = ['/await', '/client', '/callback', '/fails', '/shared', '/slow'];
      return Promise.all(paths.map((path) => target.get(path)));
    };
    await start('none');
    const bare = await answers();
    const bareWrapped = await target.get('/wrapped');
    await target.stop();
    await start();
    expect(await answers()).toEqual(bare);
    expect(await target.get('/wrapped')).not.toBe(bareWrapped);
    await target.finish();
    expect(await answers()).toEqual(bare);
    expect(await target.get('/wrapped')).toBe(bareWrapped);
  });
});
