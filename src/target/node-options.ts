/**
 * NODE_OPTIONS with `--require preload` appended to what the user already has there. Node splits it at spaces; double quotes group, and
 * inside them a backslash takes the next character literally (node_options.cc, ParseNodeOptionsEnvVar).
 */
export function withPreload(nodeOptions: string | undefined, preloadPath: string): string {
  const option = `--require ${quoted(preloadPath)}`;
  const own = nodeOptions?.trim() ?? '';
  return own === '' ? option : `${own} ${option}`;
}

function quoted(path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&')}"` : path;
}
