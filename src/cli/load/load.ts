import { DdxError } from '../../errors.js';
import { LoadMeasure } from '../../load/measure.js';
import { addressesOf, isLoopback, reach } from '../../load/reach.js';
import type { LoadResult } from '../../model/load-result.js';
import { wordCount, wordMs, wordRate } from '../../model/wording.js';
import type { Arguments } from '../arguments.js';
import { EXIT } from '../exit-codes.js';
import { watchInterrupts } from '../interrupts.js';
import { checkOutputs } from '../output.js';
import { createProgress, type Progress } from '../progress.js';
import { searchKnee } from './knee.js';
import { deliverLoad } from './output.js';
import { type LoadPlan, ownTargets, planLoad } from './plan.js';
import { loadResult } from './result.js';

/** `ddx load`: wait for the server, load it, say what was measured. Returns the exit code. */
export async function load(args: Arguments): Promise<number> {
  const plan = await planLoad(args);
  checkOutputs(args);
  const progress = createProgress();
  const interrupts = watchInterrupts(progress);
  try {
    const host = await findServer(plan, args, progress, interrupts.signal);
    if (host === null) return EXIT.interrupted;
    const measure = (part: LoadPlan): Promise<LoadResult> => measureOnce(part, host, progress, interrupts.signal);
    const result = plan.findKnee ? await searchKnee(plan, measure, interrupts.signal) : await measure(plan);
    progress.done();
    return deliverLoad(result, args);
  } finally {
    progress.done();
    interrupts.stop();
  }
}

/** Its address, once it takes connections; null when interrupted. */
async function findServer(plan: LoadPlan, args: Arguments, progress: Progress, signal: AbortSignal): Promise<string | null> {
  const { url } = plan;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = await addressesOf(host);
  const foreign = addresses.find((address) => !isLoopback(address));
  if (foreign !== undefined && !args.given('yes-i-own-this-target') && !ownTargets().includes(host)) {
    throw new DdxError(
      'DDX_TARGET_FOREIGN',
      `${host}${foreign === host ? '' : ` (${foreign})`} is another machine.`,
      `A load can take a server down. If it is yours: --yes-i-own-this-target, or "ddx": {"ownTargets": ["${host}"]} in package.json.`,
    );
  }
  progress.phase(`waiting for ${url.host}`);
  return reach({ host, port: portOf(url), tls: tlsOf(plan) }, addresses, plan.waitMs, signal);
}

async function measureOnce(plan: LoadPlan, host: string, progress: Progress, signal: AbortSignal): Promise<LoadResult> {
  const { url, source, protocol, broadcast, streams, headers, arrivals, durationS, warmupS, threads, timeoutMs, maxConnections, seed } =
    plan;
  const { requests, inOrder, scenario } = source;
  const measure = new LoadMeasure(
    {
      ...{
        host,
        port: portOf(url),
        authority: url.host,
        headers,
        requests,
        inOrder,
        arrivals,
        durationS,
        warmupS,
        timeoutMs,
        maxConnections,
        seed,
      },
      protocol,
      ...(broadcast === undefined ? {} : { broadcast }),
      ...(streams === undefined ? {} : { streams }),
      ...(scenario === null ? {} : { scenario }),
      ...(url.protocol === 'https:' ? { tls: { servername: serverName(url), insecure: plan.insecure } } : {}),
    },
    threads,
  );
  const stop = (): void => measure.stop();
  signal.addEventListener('abort', stop);
  const at = plan.findKnee && arrivals.kind === 'open' ? ` at ${wordRate(arrivals.ratePerS)}/s` : '';
  progress.phase(`${warmupS > 0 ? 'warming up' : 'loading'}${at}`);
  measure.onWindow = () => progress.phase(`loading${at}`);
  measure.onInterval = () => progress.status(statusOf(measure, plan));
  try {
    return loadResult(plan, await measure.done, signal.aborted);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** "12 of 30 s  wanted 200/s  got 199/s  p50 1.2 ms  p99 8.0 ms  p99.9 12 ms  timeout 3" */
function statusOf(measure: LoadMeasure, { arrivals, durationS }: LoadPlan): string {
  const { elapsedS, stepS, wantedPerS } = measure;
  const { ratePerS, p50Ms, p99Ms, p999Ms, errors } = measure.totals.recent(stepS);
  return [
    `${elapsedS.toFixed(0)} of ${durationS.toFixed(0)} s`,
    ...(arrivals.kind === 'closed' ? [] : [`wanted ${wordRate(wantedPerS)}/s`]),
    `got ${wordRate(ratePerS)}/s`,
    `p50 ${wordMs(p50Ms)}  p99 ${wordMs(p99Ms)}  p99.9 ${wordMs(p999Ms)}`,
    ...Object.entries(errors).map(([kind, count]) => `${kind} ${wordCount(count)}`),
  ].join('  ');
}

function tlsOf({ url, insecure, protocol }: LoadPlan): { insecure: boolean; alpn: string } | null {
  return url.protocol === 'https:' ? { insecure, alpn: protocol === 'http2' ? 'h2' : 'http/1.1' } : null;
}

function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
}

/** Addresses have no server name (RFC 6066, 3). */
function serverName({ hostname }: URL): string {
  return /^[\d.]+$|^\[/.test(hostname) ? '' : hostname;
}
