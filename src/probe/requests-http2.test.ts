import { type ClientHttp2Session, connect } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import { startTarget, type Target, until } from './testing/target.js';

let target: Target;
let client: ClientHttp2Session;
afterEach(async () => {
  client.destroy();
  await target.stop();
});

function ask(path: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = client.request({ ':path': path, ':method': body === undefined ? 'GET' : 'POST' });
    let text = '';
    stream
      .setEncoding('utf8')
      .on('data', (chunk: string) => (text += chunk))
      .on('end', () => resolve(text))
      .on('error', reject);
    stream.end(body);
  });
}

describe.each(['compat', 'stream'])('HTTP/2, %s', (style) => {
  it('each stream is a request that owns what it sets off', async () => {
    target = await startTarget('http2.mjs', { args: [style] });
    await target.session();
    client = connect(`http://127.0.0.1:${target.port}`);
    const answers = await Promise.all([ask('/orders/7?secret=1'), ask('/orders/8'), ask('/orders', 'x'.repeat(10))]);
    expect(answers).toEqual(['done', 'done', '10']);
    const session = await target.finish();
    const rows = session.rows['requests']!.map((row) => ({ ...row, route: session.text.get(row['route']!) }));
    expect(rows.map(({ route }) => route).sort()).toEqual(['GET /orders/:id', 'GET /orders/:id', 'POST /orders']);
    // On a crowded machine the thread may stand without a core in the middle of a request.
    const stalledUs = (session.rows['stalls'] ?? []).reduce((sum, row) => sum + row['runqUs']!, 0);
    for (const row of rows as unknown as { route: string; status: number; ownUs: number; port: number; flags: number }[]) {
      expect(row.status).toBe(row.route.startsWith('POST') ? 200 : 201);
      expect(row.flags).toBe(0);
      expect(row.port).toBeGreaterThan(0);
      expect(row.ownUs).toBeGreaterThan(29_000);
      // Three requests burn 90 ms on one thread: nobody may be given what another one burnt.
      expect(row.ownUs - stalledUs).toBeLessThan(60_000);
    }
    expect(JSON.stringify(session.messages)).not.toContain('secret');
  });

  it('a stream that its client gave up is aborted', async () => {
    target = await startTarget('http2.mjs', { args: [style] });
    const session = await target.session();
    client = connect(`http://127.0.0.1:${target.port}`);
    const hanging = client.request({ ':path': '/hang' });
    hanging.on('error', () => {});
    await new Promise((done) => setTimeout(done, 200));
    hanging.close(8);
    await until(() => session.rows['requests']?.[0], 'the row');
    expect(session.rows['requests']![0]).toMatchObject({ flags: 1, status: 0 });
  });
});
