import { expect, it } from 'vitest';
import { startTarget } from '../testing/target.js';
import { lineOf, recorded } from '../testing/waits.js';

// There is no MongoDB and no Kafka in Debian or on npm to run here; what can be seen without a server is tested.
it('mongodb and kafkajs fail as they do without the probe, and the waits end', { timeout: 30_000 }, async () => {
  const answers = async (depth: 'none' | 'standard') => {
    const target = await startTarget('drivers/unreachable.mjs', { depth });
    if (depth === 'standard') await target.session();
    const said: string[] = [];
    for (const path of ['/mongo', '/kafka', '/kafka-empty']) said.push(await target.get(path));
    const run = depth === 'standard' ? await recorded(target) : null;
    await target.stop();
    return { said, run };
  };
  const bare = await answers('none');
  const { said, run } = await answers('standard');
  expect(said).toEqual(bare.said);
  expect(said[0]).toContain('MongoServerSelectionError');
  const [send] = run!.of('/kafka').filter(({ kind }) => kind === 'queue');
  expect(send!.dest).toBe('kafka send orders');
  expect(lineOf(run!.session, send!.site, 'unreachable.mjs')).toBe(12);
  expect(JSON.stringify(run!.session.messages)).not.toContain('planted-secret');
});
