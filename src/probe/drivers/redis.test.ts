import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { missingService } from '../../lab/services/install.js';
import type { Service } from '../../lab/services/service.js';
import { startService } from '../../lab/services/start.js';
import { startTarget, type Target } from '../testing/target.js';
import { lineOf, recorded } from '../testing/waits.js';

const missing = missingService('redis');
let service: Service;
let target: Target;

describe.skipIf(missing)(`redis${missing ? ` (skipped: ${missing})` : ''}`, { timeout: 30_000 }, () => {
  beforeAll(async () => {
    service = await startService('redis');
  }, 120_000);
  afterAll(() => service?.stop());
  afterEach(() => target?.stop());

  const start = async (depth: 'standard' | 'none' = 'standard') => {
    target = await startTarget('drivers/redis.cjs', { depth, env: { REDIS_URL: service.url } });
    if (depth !== 'none') await target.session();
  };

  it('books commands to the request by their names alone, with the line', async () => {
    await start();
    const paths = ['/io', '/io-pipeline', '/io-multi', '/io-callback', '/io-late', '/node', '/node-multi', '/node-pipeline', '/node-raw'];
    for (const path of paths) await target.get(path);
    const { of, session } = await recorded(target);
    const server = `${service.url}/0`;
    const words = (path: string) => of(path).map(({ kind, dest }) => `${kind} ${dest.replace(server, '').trim()}`.trim());
    expect(words('/io')).toEqual(['cache/execute SET', 'cache/execute GET']);
    expect(of('/io').map(({ site }) => lineOf(session, site, 'redis.cjs'))).toEqual([13, 14]);
    expect(words('/io-pipeline')).toEqual(['cache/execute pipeline']);
    expect(words('/io-multi')).toEqual(['cache/execute pipeline']);
    expect(words('/io-callback')).toEqual(['cache/execute GET']);
    expect(words('/io-late')).toEqual(expect.arrayContaining(['cache/connect', 'cache/execute PING']));
    expect(words('/node')).toEqual(['cache/execute SET', 'cache/execute GET']);
    expect(of('/node').map(({ site }) => lineOf(session, site, 'redis.cjs'))).toEqual([27, 28]);
    expect(words('/node-multi')).toEqual(['cache/execute pipeline']);
    expect(words('/node-pipeline')).toEqual(['cache/execute pipeline']);
    expect(words('/node-raw')).toEqual(['cache/execute ECHO']);
    expect(JSON.stringify(session.messages)).not.toContain('planted-secret');
  });

  it('tells waiting for the one connection of a pool from waiting for a message', async () => {
    await start();
    await Promise.all(Array.from({ length: 4 }, () => target.get('/node-block')));
    const run = await recorded(target);
    const waits = run.ids('/node-block').map((id) => run.byOwner(id));
    for (const list of waits) expect(list.find(({ kind }) => kind === 'queue')!.ms).toBeGreaterThan(280);
    const waited = waits.map((list) => list.find(({ kind }) => kind === 'cache/pool-wait')?.ms ?? 0).sort((a, b) => a - b);
    expect(waited[0]).toBe(0);
    expect(waited[3]).toBeGreaterThan(500);
  });

  it('changes nothing for the application', async () => {
    const answers = async () => {
      const all: string[] = [];
      for (const path of ['/io', '/io-callback', '/io-fails', '/io-late', '/node', '/node-raw', '/node-fails'])
        all.push(await target.get(path));
      return all;
    };
    await start('none');
    const bare = await answers();
    await target.stop();
    await start();
    expect(await answers()).toEqual(bare);
    await target.finish();
    expect(await answers()).toEqual(bare);
    expect(target.output()).not.toContain('unhandled');
  });
});
