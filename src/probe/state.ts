/**
 * What every wrapper asks first. `tracing` is true only between activation and removal at depth `standard` or `deep`.
 * `startsOwnWorker`: the thread that begins is the probe's own.
 * `traceless`: this probe came into a process that goes on without it, so that nothing may stay behind on the target's own objects.
 */
export const state = { tracing: false, traceless: false, startsOwnWorker: false };

/**
 * Runs a piece of the probe so that nothing it does wrong can reach the target. Silent on purpose: the target's stderr is not ours.
 */
export function guarded<A extends unknown[]>(body: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      body(...args);
    } catch {}
  };
}
