import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { missingService } from '../../lab/services/install.js';
import type { Service } from '../../lab/services/service.js';
import { startService } from '../../lab/services/start.js';
import { startTarget, type Target } from '../testing/target.js';
import { lineOf, recorded } from '../testing/waits.js';

const missing = missingService('rabbitmq');
let service: Service;
let target: Target;

describe.skipIf(missing)(`amqplib${missing ? ` (skipped: ${missing})` : ''}`, { timeout: 30_000 }, () => {
  beforeAll(async () => {
    service = await startService('rabbitmq');
  }, 120_000);
  afterAll(() => service?.stop());
  afterEach(() => target?.stop());

  const paths = ['/publish', '/confirm', '/count', '/callback', '/callback-confirm'];

  it('books confirmations and calls of the broker to the request', async () => {
    target = await startTarget('drivers/rabbitmq.cjs', { env: { RABBITMQ_URL: service.url } });
    await target.session();
    for (const path of paths) await target.get(path);
    const { of, session } = await recorded(target);
    const broker = service.url.replace('guest:guest@', '');
    const words = (path: string) => of(path).map(({ kind, dest }) => `${kind} ${dest.replace(broker, '').trim()}`);
    expect(words('/publish')).toEqual(['queue confirms']);
    expect(words('/confirm')).toEqual(['queue publish orders']);
    expect(words('/count')).toEqual(['queue call']);
    expect(words('/callback')).toEqual(['queue call']);
    expect(words('/callback-confirm')).toEqual(['queue publish orders']);
    expect(['/publish', '/confirm', '/count', '/callback'].map((path) => lineOf(session, of(path)[0]!.site, 'rabbitmq.cjs'))).toEqual([
      18, 22, 23, 24,
    ]);
    expect(JSON.stringify(session.messages)).not.toContain('planted-secret');
  });

  it('changes nothing for the application', async () => {
    const answers = () => Promise.all(paths.map((path) => target.get(path)));
    target = await startTarget('drivers/rabbitmq.cjs', { depth: 'none', env: { RABBITMQ_URL: service.url } });
    const bare = await answers();
    await target.stop();
    target = await startTarget('drivers/rabbitmq.cjs', { env: { RABBITMQ_URL: service.url } });
    await target.session();
    expect(await answers()).toEqual(bare);
  });
});
