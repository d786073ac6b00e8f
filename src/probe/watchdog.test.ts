import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { messagesOf, startTarget, type Target, until } from './testing/target.js';

let target: Target;
afterEach(() => target.stop());

const start = async (options: Parameters<typeof startTarget>[1] = {}) => {
  target = await startTarget('blocks.cjs', { depth: 'deep', ...options });
  const session = await target.session();
  // Its thread needs a moment to come up.
  await sleep(400);
  return session;
};

describe('the watchdog', () => {
  it('takes the stack of a block while it lasts, with its request and without its query', async () => {
    const session = await start();
    await target.get('/spin?secret=1');
    await target.finish();
    const [block] = messagesOf(session, 'block');
    const own = block!.frames.filter(({ url }) => url.endsWith('blocks.cjs'));
    expect(own.slice(0, 2).map((frame) => frame.function)).toEqual(['spin', 'report']);
    // Above it only what it called: the clock.
    expect(block!.frames.indexOf(own[0]!)).toBeLessThan(8);
    expect(block!.urlPath).toBe('/spin');
    const request = session.rows['requests']!.find(({ id }) => id === block!.owner)!;
    expect(session.text.get(request['route']!)).toBe('GET /spin');
    expect(block!.startUs).toBeGreaterThan(request['startUs']! - 50_000);
    expect(block!.endUs).toBeLessThan(request['endUs']!);
    expect(session.rows['coverage']!.length).toBeGreaterThan(0);
    // Its own thread is nobody's doing.
    expect(messagesOf(session, 'spawn')).toEqual([]);
  }, 20_000);

  it('leaves short turns alone, and a thread that waits', async () => {
    const session = await start();
    for (let i = 0; i < 8; i++) await target.get('/short');
    await sleep(500);
    await target.finish();
    // A machine without a free core stretches turns: only what did last is caught.
    for (const { startUs, endUs } of messagesOf(session, 'block')) expect(endUs - startUs).toBeGreaterThan(90_000);
  }, 20_000);

  it('native code is seen as it returns, with who called it', async () => {
    const session = await start();
    await target.get('/native');
    await target.finish();
    const caught = messagesOf(session, 'block').filter(({ urlPath }) => urlPath === '/native');
    for (const { frames } of caught) expect(frames.map((frame) => frame.function)).toContain('/native');
  }, 20_000);

  it('`debugger;` goes on meaning nothing', async () => {
    await start();
    expect(await target.get('/debugger')).toBe('done');
    expect(target.output()).not.toContain('Debugger');
  }, 20_000);

  it('keeps out while somebody else debugs', async () => {
    const session = await start({ nodeArgs: ['--inspect=127.0.0.1:0'] });
    await target.get('/spin');
    await target.finish();
    expect(messagesOf(session, 'block')).toEqual([]);
  }, 20_000);

  it('does not keep the process from ending, and ends with the recording', async () => {
    await start();
    await target.get('/exit').catch(() => {});
    expect(await until(() => target.child.exitCode ?? undefined, 'the process to end', target.output)).toBe(5);
    expect(target.output()).not.toContain('Waiting for the debugger');
    await target.stop();
    await start();
    await target.get('/spin');
    await target.finish();
    expect(await target.get('/traces')).toBe('false');
  }, 30_000);
});
