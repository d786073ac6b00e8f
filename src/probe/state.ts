/** What every wrapper asks first. `tracing` is true only between activation and removal at depth `standard` or `deep`. */
export const state = { tracing: false };

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
