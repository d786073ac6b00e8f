/**
 * The target's own instance of a built-in module, loaded when first asked for: a launcher that never serves should not pay for
 * `inspector`, and patches must reach the very object that the target's `require` returns.
 */
export function builtin<T>(name: string): T {
  return require(`node:${name}`) as T;
}
