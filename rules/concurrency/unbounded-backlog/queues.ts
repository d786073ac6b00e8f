import { js } from '../../../src/lab/kit/source.js';

/** Hand-written queues, each exporting `enqueue(id)`, whose promise is settled when a worker has done that job. */
export const STYLES = ['worker-loop', 'drain', 'slots', 'emitter'] as const;
export type Style = (typeof STYLES)[number];

/** `imports`: of the function `work(id)` that does a job. `workers`: how many jobs are done at a time. */
export function queueSource(style: Style, imports: string, work: string, workers: number): string {
  return SOURCES[style](imports, work, workers);
}

const SOURCES: Record<Style, (imports: string, work: string, workers: number) => string> = {
  'worker-loop': (imports, work, workers) => js`
    ${imports}

    const jobs«: { id: string; done: (value: unknown) => void; failed: (error: unknown) => void }[]» = [];
    const idle«: (() => void)[]» = [];

    //@cause{
    export function enqueue(id«: string») {
      return new Promise«<unknown>»((done, failed) => {
        jobs.push({ id, done, failed });
        idle.shift()?.();
      });
    }

    async function worker() {
      for (;;) {
        const job = jobs.shift();
        if (!job) await new Promise«<void>»((wake) => idle.push(wake));
        else await ${work}(job.id).then(job.done, job.failed);
      }
    }

    export function startWorkers() {
      for (let i = 0; i < ${workers}; i++) void worker();
    }
    //@cause}
  `,
  drain: (imports, work, workers) => js`
    ${imports}

    const AT_ONCE = ${workers};
    const backlog«: { id: string; settle: (value: unknown) => void }[]» = [];
    let draining = false;

    //@cause{
    async function drain() {
      draining = true;
      while (backlog.length > 0) {
        const batch = backlog.splice(0, AT_ONCE);
        const values = await Promise.all(batch.map(({ id }) => ${work}(id)));
        batch.forEach(({ settle }, i) => settle(values[i]));
      }
      draining = false;
    }

    export function enqueue(id«: string») {
      const answer = new Promise«<unknown>»((settle) => backlog.push({ id, settle }));
      if (!draining) void drain();
      return answer;
    }
    //@cause}
  `,
  slots: (imports, work, workers) => js`
    ${imports}

    const SLOTS = ${workers};
    const pending«: { id: string; settle: (value: unknown) => void }[]» = [];
    let running = 0;

    //@cause{
    function next() {
      while (running < SLOTS && pending.length > 0) {
        const { id, settle } = pending.shift()«!»;
        running++;
        ${work}(id).then((value«: unknown») => {
          running--;
          settle(value);
          next();
        });
      }
    }

    export async function enqueue(id«: string») {
      return new Promise«<unknown>»((settle) => {
        pending.push({ id, settle });
        next();
      });
    }
    //@cause}
  `,
  emitter: (imports, work, workers) => js`
    import { EventEmitter, once } from 'node:events';
    ${imports}

    const bus = new EventEmitter().setMaxListeners(0);
    const tickets«: { id: string; ticket: number }[]» = [];
    let drawn = 0;
    let working = 0;

    //@cause{
    bus.on('job', async () => {
      if (working >= ${workers}) return;
      working++;
      for (let job = tickets.shift(); job; job = tickets.shift()) bus.emit(\`done \${job.ticket}\`, await ${work}(job.id));
      working--;
    });

    export async function enqueue(id«: string») {
      const ticket = ++drawn;
      tickets.push({ id, ticket });
      setImmediate(() => bus.emit('job'));
      const [value] = await once(bus, \`done \${ticket}\`);
      return value;
    }
    //@cause}
  `,
};
