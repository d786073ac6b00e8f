import type { Session } from 'node:inspector';
import { builtin } from './builtin.js';

/** V8's own tools, asked from inside: no port, every answer comes before the call returns. */
export interface Inspector {
  /** The result, or null where this V8 refuses. */
  ask<T>(method: string, params?: object): T | null;
  /** Calls `take` with every event of that name while `body` runs. */
  during<P>(event: string, take: (params: P) => void, body: () => void): void;
  close(): void;
}

/** Null where the runtime forbids or lacks it (`--permission`, built without inspector). */
export function openInspector(): Inspector | null {
  let session: Session;
  try {
    session = new (builtin<typeof import('node:inspector')>('inspector').Session)();
    session.connect();
  } catch {
    return null;
  }
  return {
    ask<T>(method: string, params?: object) {
      let answer: T | null = null;
      session.post(method, params, (error, result) => {
        if (!error) answer = result as T;
      });
      return answer;
    },
    during(event, take, body) {
      const listener = ({ params }: { params: unknown }) => take(params as never);
      session.on(event, listener);
      try {
        body();
      } finally {
        session.off(event, listener);
      }
    },
    close() {
      session.disconnect();
    },
  };
}

/** Where a function stands, as the inspector tells it: lines and columns from 0, -1 unknown. */
export interface CallFrame {
  functionName: string;
  url: string;
  lineNumber: number;
  columnNumber: number;
}
