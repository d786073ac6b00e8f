import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { startTarget, type Target } from './testing/target.js';

let target: Target;
afterEach(() => target.stop());

const PAUSE_MS = 400;

/** Sends a kilobyte, rests, and sends another. */
async function sendSlowly(path: string): Promise<string> {
  const socket = connect(target.port, '127.0.0.1');
  socket.write(`POST ${path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Length: 2048\r\n\r\n${'x'.repeat(1024)}`);
  await sleep(PAUSE_MS);
  socket.write('x'.repeat(1024));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString().split('\r\n').at(-1)!;
}

it.each(['standard', 'light'] as const)(
  'tells a slow client from a handler that reads late, depth %s',
  { timeout: 60_000 },
  async (depth) => {
    target = await startTarget('reads-bodies.mjs', { depth });
    await target.session();
    expect(await sendSlowly('/now')).toBe('2048');
    const large = 'x'.repeat(4 << 20);
    expect(await target.get('/late', { method: 'POST', body: large })).toBe(`${large.length}`);
    await target.get('/none');
    const session = await target.finish();
    const [slow, late, none] = session.rows['requests']! as Record<string, number>[];

    const halfUs = (PAUSE_MS * 1000) / 2;
    expect(slow!['bodyFromUs']).toBe(slow!['startUs']);
    expect(slow!['bodyUs']! - slow!['bodyFromUs']!).toBeGreaterThan(halfUs);
    expect(slow!['bodyUs']).toBeLessThanOrEqual(slow!['endUs']!);
    // All of it lay there before it was asked for.
    expect(late!['bodyFromUs']! - late!['startUs']!).toBeGreaterThan(halfUs);
    expect(none).toMatchObject({ bodyFromUs: -1, bodyUs: -1 });
  },
);
