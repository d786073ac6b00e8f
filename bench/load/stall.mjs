// Percentiles under a server that stands still for 200 ms each second, against the analytic truth.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { freePort } from '../free-port.ts';
import { generate, onCore, ready } from './processes.mjs';

const SERVER = resolve(import.meta.dirname, 'stall-server.mjs');

/** Runs each tool at that rate against a fresh server; rows of measured and true percentiles in milliseconds. */
export async function stallRows(tools, ratePerS, seconds) {
  const rows = [];
  for (const tool of tools) {
    const port = await freePort();
    const server = spawn(...onCore(1, process.execPath, [SERVER, String(port)]), { stdio: ['ignore', 'pipe', 'inherit'] });
    await ready(port);
    const [command, args] = tool.command(port, ratePerS, seconds);
    const { stdout } = await generate(command, args);
    const told = new Promise((done) => server.stdout.once('data', (text) => done(JSON.parse(text))));
    server.kill('SIGUSR2');
    const truth = truthOf(await told, ratePerS);
    server.kill('SIGTERM');
    const measured = tool.read(stdout);
    const within = ['p50', 'p90', 'p99', 'p999'].filter(
      (name) => measured[name] !== undefined && Math.abs(measured[name] - truth[name]) <= Math.max(2, 0.03 * truth[name]),
    );
    rows.push({
      ratePerS,
      tool: tool.name,
      reachedPerS: Math.round(measured.ratePerS),
      ...shown(measured),
      truth: shown(truth),
      within: within.join(' ') || 'none',
    });
  }
  return rows;
}

/**
 * Of each stall D, the arrivals of its first D / (1 - rho) wait: linearly from D down to nothing. So the share of all arrivals that
 * waits longer than x is the sum of (D - x) / (1 - rho) over the sum of the periods; a percentile is where that is 1 - q.
 */
function truthOf({ stallsMs, periodMs, serviceUs }, ratePerS) {
  const rho = (ratePerS * serviceUs) / 1e6;
  const shareAbove = (ms) =>
    stallsMs.reduce((sum, stallMs) => sum + Math.max(0, stallMs - ms), 0) / (1 - rho) / (stallsMs.length * periodMs);
  const at = (share) => {
    let [low, high] = [serviceUs / 1e3, Math.max(...stallsMs)];
    for (let step = 0; step < 40; step++) {
      const middle = (low + high) / 2;
      if (shareAbove(middle) > 1 - share) low = middle;
      else high = middle;
    }
    return high;
  };
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999) };
}

function shown({ p50, p90, p99, p999 }) {
  return { p50: round(p50), p90: round(p90), p99: round(p99), p999: round(p999) };
}

function round(ms) {
  return ms === undefined ? null : Math.round(ms * 100) / 100;
}
