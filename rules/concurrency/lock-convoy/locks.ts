import { js } from '../../../src/lab/kit/source.js';

/** Hand-written locks, each exporting `exclusive(work)` or `acquire()` that resolves to its release function. */
export const STYLES = ['mutex', 'chain', 'turnstile', 'tickets'] as const;
export type Style = (typeof STYLES)[number];

/** Whether it is taken around a function, or by hand. */
export function takesWork(style: Style): boolean {
  return style === 'chain';
}

export function lockSource(style: Style): string {
  return SOURCES[style];
}

const SOURCES: Record<Style, string> = {
  mutex: js`
    export class Mutex {
      «private »taken = false;
      «private »waiting«: (() => void)[]» = [];

      async acquire() {
        if (this.taken) await new Promise«<void>»((resolve) => this.waiting.push(resolve));
        this.taken = true;
        return () => this.release();
      }

      «private »release() {
        const next = this.waiting.shift();
        if (next) next();
        else this.taken = false;
      }
    }

    const mutex = new Mutex();
    export const acquire = () => mutex.acquire();
  `,
  chain: js`
    let last«: Promise<unknown>» = Promise.resolve();

    export function exclusive«<T>»(work«: () => Promise<T>»)«: Promise<T>» {
      const mine = last.then(work);
      last = mine.catch(() => undefined);
      return mine;
    }
  `,
  turnstile: js`
    let tail«: Promise<void>» = Promise.resolve();

    export async function acquire() {
      const before = tail;
      let open«: () => void» = () => undefined;
      tail = new Promise«<void>»((resolve) => {
        open = resolve;
      });
      await before;
      return open;
    }
  `,
  tickets: js`
    import { EventEmitter, once } from 'node:events';

    const turns = new EventEmitter();
    let drawn = 0;
    let served = 0;

    export async function acquire() {
      const ticket = drawn++;
      if (ticket !== served) await once(turns, String(ticket));
      return () => {
        served++;
        turns.emit(String(served));
      };
    }
  `,
};
