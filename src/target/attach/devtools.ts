import { connectWebSocket, type WebSocketLink } from './web-socket.js';

/** A conversation with V8's inspector in another process (Chrome DevTools Protocol). */
export interface Devtools {
  /** The result. Rejects when the target refuses, says nothing within `withinMs`, or is gone. */
  ask<T>(method: string, params?: object, withinMs?: number): Promise<T>;
  /** Calls `take` with every event of that name; returns what ends that. */
  on<T>(event: string, take: (params: T) => void): () => void;
  /** Resolves with the next event of that name; null when none comes in time. */
  next<T>(event: string, withinMs: number): Promise<T | null>;
  close(): void;
  readonly closed: Promise<void>;
}

interface Answer {
  id?: number;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { message: string };
}

const ANSWER_MS = 5_000;

export async function connectDevtools(url: URL, withinMs: number): Promise<Devtools> {
  const waiting = new Map<number, (answer: Answer) => void>();
  const listening = new Map<string, Set<(params: unknown) => void>>();
  let lastId = 0;
  const link: WebSocketLink = await connectWebSocket(url, withinMs, (text) => {
    const answer = JSON.parse(text) as Answer;
    if (answer.id !== undefined) {
      waiting.get(answer.id)?.(answer);
      waiting.delete(answer.id);
      return;
    }
    for (const listener of listening.get(answer.method ?? '') ?? []) listener(answer.params);
  });
  void link.closed.then(() => {
    for (const answered of waiting.values()) answered({ error: { message: 'the connection was closed' } });
    waiting.clear();
  });
  const listen = <T>(event: string, take: (params: T) => void): (() => void) => {
    const listeners = listening.get(event) ?? new Set();
    listening.set(event, listeners);
    listeners.add(take as (params: unknown) => void);
    return () => void listeners.delete(take as (params: unknown) => void);
  };
  return {
    closed: link.closed,
    close: link.close,
    ask<T>(method: string, params: object = {}, answerMs = ANSWER_MS): Promise<T> {
      const id = ++lastId;
      return new Promise<T>((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new Error(`${method}: no answer within ${answerMs} ms`));
        }, answerMs);
        waiting.set(id, ({ error, result }) => {
          clearTimeout(timer);
          if (error) reject(new Error(`${method}: ${error.message}`));
          else resolve(result as T);
        });
        link.send(JSON.stringify({ id, method, params }));
      });
    },
    on: listen,
    next<T>(event: string, eventMs: number): Promise<T | null> {
      return new Promise<T | null>((resolve) => {
        const finish = (params: T | null) => {
          clearTimeout(timer);
          ignore();
          resolve(params);
        };
        const timer = setTimeout(() => finish(null), eventMs);
        const ignore = listen<T>(event, finish);
      });
    },
  };
}

interface Evaluated {
  result: { value?: unknown; objectId?: string };
  exceptionDetails?: { text: string; exception?: { description?: string } };
}

/** Runs an expression in the target, also while its event loop is blocked, and gives back its value (JSON). */
export async function evaluate<T>(devtools: Devtools, expression: string, withinMs?: number): Promise<T> {
  return unwrapped<T>(await devtools.ask<Evaluated>('Runtime.evaluate', { expression, returnByValue: true, silent: true }, withinMs));
}

/** The id of the object that an expression gives. */
export async function evaluateObject(devtools: Devtools, expression: string): Promise<string> {
  const evaluated = await devtools.ask<Evaluated>('Runtime.evaluate', { expression, silent: true });
  unwrapped(evaluated);
  if (!evaluated.result.objectId) throw new Error('the target gave no object');
  return evaluated.result.objectId;
}

function unwrapped<T>({ result, exceptionDetails }: Evaluated): T {
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description?.split('\n')[0] ?? exceptionDetails.text);
  return result.value as T;
}
