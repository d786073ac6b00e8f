import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Listens on a diagnostics channel; returns the function that stops it. Errors stay in here: a subscriber's would reach the target. */
export function onChannel<M>(name: string, listen: (message: M) => void): () => void {
  const listener = (message: unknown) => {
    try {
      listen(message as M);
    } catch {}
  };
  // A channel that nobody else holds can be collected with its subscribers on Node 18.
  const held = channel(name);
  subscribe(name, listener);
  return () => void (held.name && unsubscribe(name, listener));
}
