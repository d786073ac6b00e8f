import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { watchListenDrops } from './listen-drops.js';

it('counts between two looks, and says nothing where one of them saw nothing', async () => {
  const server = createServer();
  const port = await new Promise<number>((done) => {
    server.listen(0, '127.0.0.1', 9, () => done((server.address() as { port: number }).port));
  });
  const drops = watchListenDrops(port, process.pid, 0);
  const never = watchListenDrops(port, process.pid, 60_000);
  await new Promise((done) => setTimeout(done, 20));
  const seen = await drops.finish();
  // Not everywhere is there an ss.
  if (seen) expect(seen).toEqual({ port, backlog: 9, dropped: 0 });
  expect(await never.finish()).toBeUndefined();
  server.close();
});
