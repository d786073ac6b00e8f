import type { Inspector } from './inspector.js';
import type { Probe } from './probe.js';

/** Source maps by which capture resolves positions, only for scripts that were mentioned; and which files are the target's own. */
export function sendScripts(probe: Probe, inspector: Inspector, urls: ReadonlySet<string>): void {
  const scripts: { url: string; sourceMapUrl: string }[] = [];
  const modules: string[] = [];
  let bytes = 0;
  inspector.during<{ url: string; sourceMapURL?: string }>(
    'Debugger.scriptParsed',
    ({ url, sourceMapURL }) => {
      if (modules.length < MOST_MODULES && isOwn(url)) modules.push(url);
      if (!sourceMapURL || !mentioned(url, urls) || bytes + sourceMapURL.length > MAX_BYTES) return;
      bytes += sourceMapURL.length;
      scripts.push({ url, sourceMapUrl: sourceMapURL });
    },
    () => inspector.ask('Debugger.enable'),
  );
  inspector.ask('Debugger.disable');
  probe.link.message({ t: 'scripts', scripts, modules });
}

/** tsx and others put whole maps into data URLs. */
const MAX_BYTES = 32 << 20;
const MOST_MODULES = 400;

function isOwn(url: string): boolean {
  return (url.startsWith('file:') || url.startsWith('/')) && !url.includes('/node_modules/');
}

/** Stacks name CommonJS files by path, the inspector by URL. */
function mentioned(url: string, urls: ReadonlySet<string>): boolean {
  if (url === '' || url.startsWith('node:')) return false;
  if (urls.has(url)) return true;
  return url.startsWith('file:') && urls.has(decodeURI(url.slice('file://'.length)));
}
