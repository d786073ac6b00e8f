import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startEndpoint } from './testing/endpoint.js';
import { messagesOf, runToEnd, startTarget, until } from './testing/target.js';

describe('the target behaves as without the probe', () => {
  it.each([
    ['asleep', []],
    ['awake', ['serve']],
  ])('everything wrapped does what it did, probe %s', async (_, args) => {
    const bare = await runToEnd('surface.mjs', { depth: 'none', args });
    const probed = await runToEnd('surface.mjs', { args });
    expect(bare.code).toBe(0);
    expect(probed.output).toBe(bare.output);
    expect(probed.code).toBe(0);
  });

  it('a rejection that nobody handles ends the process', async () => {
    const ends = async (depth: 'none' | 'standard') => {
      const target = await startTarget('unhandled.mjs', { depth });
      if (depth === 'standard') await target.session();
      await target.get('/');
      const code = await until(() => target.child.exitCode ?? undefined, 'the process to end', target.output);
      const stderr = /ENOENT.*/.exec(target.output())?.[0];
      await target.stop();
      return { code, stderr };
    };
    const bare = await ends('none');
    expect(bare.code).toBe(1);
    expect(await ends('standard')).toEqual(bare);
  });

  it.each([
    ['exit', 7],
    ['throw', 1],
    ['close', 0],
    ['exit handler', 9],
  ])('%s: same exit code, and the recording is kept', async (way, code) => {
    const target = await startTarget('ends.mjs', { args: [way] });
    const session = await target.session();
    await target.get('/');
    expect(await until(() => target.child.exitCode ?? undefined, 'the process to end', target.output)).toBe(code);
    expect(target.output()).toContain('exit listeners 0 0');
    await until(() => session.closed || undefined, 'the session to close');
    expect(session.rows['requests']).toHaveLength(1);
    expect(messagesOf(session, 'profile')).toHaveLength(1);
    expect(messagesOf(session, 'bye')).toHaveLength(1);
    await target.stop();
  });
});

describe('the probe keeps out of what it is not for', () => {
  it('sleeps in a process that never serves', async () => {
    const { output, code, endpoint } = await runToEnd('dormant.cjs');
    expect(output).toContain('done true');
    expect(code).toBe(0);
    expect(endpoint.sessions).toHaveLength(0);
  });

  it('does nothing without its variable, or with one it does not understand', async () => {
    for (const DDX_PROBE of ['', 'nonsense', '{"v":2,"socket":"/x","originUs":0}']) {
      const { code, endpoint } = await runToEnd('surface.mjs', { env: { DDX_PROBE } });
      expect(code).toBe(0);
      expect(endpoint.sessions).toHaveLength(0);
    }
  });

  it('records every worker of a cluster and not the primary', async () => {
    const target = await startTarget('cluster.cjs');
    await until(
      () =>
        target.endpoint.sessions.filter(({ messages }) => messages.some(({ t }) => t === 'listening')).length === 2 ? true : undefined,
      'two workers',
    );
    const pids = target.endpoint.sessions.flatMap((session) => messagesOf(session, 'hello').map(({ pid }) => pid));
    expect(pids).not.toContain(target.child.pid);
    for (const session of target.endpoint.sessions) expect(messagesOf(session, 'listening')[0]!.port).toBe(target.port);
    await target.stop();
  });

  it('does not multiply in worker threads', async () => {
    const target = await startTarget('threads.cjs');
    await target.session();
    expect(await target.get('/worker')).toBe('[1,true]');
    expect(target.endpoint.sessions).toHaveLength(1);
    await target.stop();
  });
});

describe('the probe withdraws', () => {
  it.each(['finish', 'off'] as const)('on %s', async (t) => {
    const target = await startTarget('plain.mjs');
    const session = await target.session();
    session.send({ t });
    await until(() => session.closed || undefined, 'the probe to close');
    expect(await target.get('/promise')).toBe('promise');
    expect(JSON.parse(await target.get('/traces'))).toEqual({ subscribed: [], wrapped: 0, exitListeners: 0, pushed: false });
    expect(messagesOf(session, 'bye')).toHaveLength(t === 'finish' ? 1 : 0);
    await target.stop();
  });

  it('when capture dies: the target goes on, the leftover folder goes away', async () => {
    const target = await startTarget('plain.mjs');
    const session = await target.session();
    session.destroy();
    await until(() => (existsSync(target.endpoint.folder) ? undefined : true), 'the folder to go');
    expect(await target.get('/waits')).toBe('waits');
    expect(JSON.parse(await target.get('/traces'))).toEqual({ subscribed: [], wrapped: 0, exitListeners: 0, pushed: false });
    expect(target.child.exitCode).toBe(null);
    await target.stop();
  });

  it('when nobody is there to record', async () => {
    const endpoint = await startEndpoint();
    endpoint.close();
    const target = await startTarget('plain.mjs', { endpoint });
    expect(await target.get('/waits')).toBe('waits');
    await target.stop();
  });
});
