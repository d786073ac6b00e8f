// Answers at once, and stands still for 200 ms in each second. For a single server of first come first served the latency of an arrival
// t after a stall of D began is D - (1 - rho) t, so that every percentile follows from D, the period and rho = rate x service time.
// It measures these three itself: the service time while it works off what gathered, and how long it really stood and went.
import { createServer } from 'node:net';

const STALL_MS = 200;
const PERIOD_MS = 1_000;
const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');

let handled = 0;
const stalls = [];
const begins = [];
/** After each stall: [requests worked off, milliseconds that took]. */
const bursts = [];
let burst = null;

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('data', () => {
    handled++;
    socket.write(ANSWER);
  });
});

function stall() {
  const beganMs = performance.now();
  begins.push(beganMs);
  while (performance.now() - beganMs < STALL_MS);
  const endedMs = performance.now();
  stalls.push(endedMs - beganMs);
  setTimeout(stall, Math.max(1, PERIOD_MS - (performance.now() - beganMs)));
  const before = handled;
  let last = before;
  const watch = () => {
    // The loop turns once without a request: what gathered has been answered.
    if (handled === last && handled > before) bursts.push([handled - before, performance.now() - endedMs]);
    else if (performance.now() - endedMs < 100) {
      last = handled;
      setImmediate(watch);
    }
  };
  burst = setImmediate(watch);
}

server.listen(Number(process.argv[2]), '127.0.0.1', () => setTimeout(stall, 300));
process.on('SIGUSR2', () => {
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const gaps = begins.slice(1).map((at, i) => at - begins[i]);
  const drained = sum(bursts.map(([count]) => count));
  process.stdout.write(
    `${JSON.stringify({
      stallsMs: stalls,
      periodMs: gaps.length > 0 ? sum(gaps) / gaps.length : PERIOD_MS,
      serviceUs: drained > 0 ? (sum(bursts.map(([, ms]) => ms)) * 1e3) / drained : 0,
      handled,
    })}\n`,
  );
});
process.on('SIGTERM', () => {
  clearImmediate(burst);
  process.exit(0);
});
