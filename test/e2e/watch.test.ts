import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PageData } from '../../src/model/page.js';
import { bystanders, expectSame, keptAlive } from './kit/bystanders.js';
import { ddx, reportOf, start, traffic } from './kit/ddx.js';

let around: ReturnType<typeof bystanders>;
beforeEach(() => {
  around = bystanders();
});
afterEach(() => around.end());

/** Everything that a page which is open would be told. */
function listen(url: string): { told: PageData[]; until(wanted: (data: PageData) => boolean): Promise<PageData> } {
  const told: PageData[] = [];
  let over = false;
  void (async () => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of (await fetch(`${url}events`)).body!) {
      text += decoder.decode(chunk, { stream: true });
      const events = text.split('\n\n');
      text = events.pop()!;
      for (const event of events) told.push(JSON.parse(event.replace(/^data: /, '')) as PageData);
    }
    over = true;
  })();
  return {
    told,
    async until(wanted) {
      for (let seen = 0; ; await delay(50)) {
        for (; seen < told.length; seen++) if (wanted(told[seen]!)) return told[seen]!;
        if (over) throw new Error(`it ended before; last: ${JSON.stringify(told.at(-1)?.live)}`);
      }
    },
  };
}

describe.runIf(process.platform === 'linux')('ddx watch', () => {
  it('follows an illness that comes and goes, to who knows the address, and leaves the process as it was', async () => {
    const server = await around.serve();
    const clients = keptAlive(server.port);
    await delay(300);
    const before = await clients.traces();
    const running = start(['watch', `:${server.port}`, '--window', '5s', '--json'], { env: { TMPDIR: around.folder.path } });
    const [, url = ''] = await running.said(/live page is at (http:\S+)/);
    expect((await fetch(new URL('/', url))).status).toBe(404);
    expect((await fetch(new URL('/events', url))).status).toBe(404);
    const page = await (await fetch(url)).text();
    expect(page).toContain("connect-src 'self'");

    const { told, until } = listen(url);
    await until(({ report }) => report.verdict === 'healthy');
    const load = traffic(server.port, '/report/7?token=secret');
    const ill = await until(({ report }) => report.verdict === 'sick');
    expect(ill.report.findings[0]).toMatchObject({
      rule: 'runtime/event-loop-blocked',
      location: { file: 'attached.cjs', function: 'buildReport' },
    });
    await load.stop();
    const well = await until(({ report, live }) => report.verdict === 'healthy' && live!.said.length > 2);
    expect(well.live!.said.map(({ verdict }) => verdict)).toEqual(['healthy', 'sick', 'healthy']);
    // No verdict came out of the blue: two windows had said the same before.
    told.forEach(({ report }, i) => {
      if (i > 2 && report.verdict !== told[i - 1]!.report.verdict)
        expect(told.slice(i - 2, i).map(({ live }) => [live!.pending?.verdict, live!.pending?.windows])).toEqual([
          [report.verdict, 1],
          [report.verdict, 2],
        ]);
    });
    // Charts go back further than what is judged.
    expect(well.report.window.durationS).toBe(5);
    expect(well.report.series['requests/rate']!.points[0]![0]).toBeLessThan(-5);

    running.child.kill('SIGINT');
    const finished = await running.finished;
    expect(reportOf(finished)).toMatchObject({ verdict: 'healthy', window: { endedBy: 'interrupted', durationS: 5 } });
    expect(finished.code).toBe(130);
    expect(JSON.stringify(told) + finished.stdout + finished.stderr).not.toContain('secret');
    expect(told.at(-1)!.live!.ended).toBe(true);
    await expectSame(before, clients.traces);
    await clients.stop();
    expect(clients.count.failed).toBe(0);
  });

  it('says what it can not do', async () => {
    const said = await Promise.all(
      [['watch'], ['watch', '1', '2'], ['watch', '1', '--window', '1s'], ['watch', ':1']].map((args) => ddx(args)),
    );
    expect(said.map(({ code, stdout }) => [code, stdout])).toEqual([2, 2, 2, 3].map((code) => [code, '']));
    expect(said.map(({ stderr }) => /DDX_\w+/.exec(stderr)?.[0])).toEqual(['DDX_USAGE', 'DDX_USAGE', 'DDX_USAGE', 'DDX_NO_PROCESS']);
  });
});
