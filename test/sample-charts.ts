import { seededRandom } from '../src/model/random.js';
import type { ProfileTree, Report, Series } from '../src/model/report.js';

/** Chart data for the sample reports, the same in every run. */
export function sampleSeries(mood: 'sick' | 'calm', durationS: number): Report['series'] {
  const random = seededRandom(7);
  const sick = mood === 'sick';
  const series = (unit: string, stepS: number, value: (tS: number) => number): Series => ({
    unit,
    points: Array.from({ length: Math.floor(durationS / stepS) }, (_, i) => [
      round((i + 1) * stepS),
      round(Math.max(0, value((i + 1) * stepS))),
    ]),
  });
  const noise = (size: number): number => (random() - 0.5) * 2 * size;
  return {
    'latency/p50': series('ms', 1, () => (sick ? 4 + random() * random() * 90 : 2.2 + noise(0.3))),
    'latency/p99': series('ms', 1, (t) => (sick ? 380 + Math.sin(t / 3) * 60 + noise(40) : 9.5 + noise(2))),
    'requests/answered': series('req/s', 1, () => 200 + noise(sick ? 25 : 4)),
    'requests/errors': series('req/s', 1, (t) => (sick && t > 16 && t < 20 ? 3 : 0)),
    'event loop/busy': series('share', 0.25, () => (sick ? Math.min(1, 0.93 + noise(0.07)) : 0.31 + noise(0.06))),
    'event loop delay/p99': series('ms', 0.25, () => (sick ? 180 + noise(50) : 2.1 + noise(0.5))),
    'heap/used after gc': series('bytes', 0.5, (t) => 58e6 + (sick ? Math.sin(t) * 2e6 : 0) + noise(4e5)),
    'heap/rss': series('bytes', 0.5, () => 181e6 + noise(1e6)),
    'run queue/main thread': series('ms/s', 1, () => (sick ? 8 + noise(6) : 3 + noise(2))),
    'libuv pool/latency': series('ms', 0.1, () => 0.3 + noise(0.1)),
  };
}

/** A call tree in preorder with about `size` nodes. */
export function sampleProfile(size: number): ProfileTree {
  const nodes: ProfileTree['nodes'] = [];
  const random = seededRandom(3);
  const add = (
    parent: number,
    fn: string,
    file: string,
    line: number,
    source: ProfileTree['nodes'][number]['source'],
    self: number,
  ): number => {
    nodes.push({ parent, function: fn, file, line, source, self, total: 0 });
    return nodes.length - 1;
  };
  const root = add(-1, '(root)', '', 0, 'native', 0);
  const turn = add(root, 'processTicksAndRejections', 'node:internal/process/task_queues', 72, 'node', 60);
  const handle = add(turn, 'handle', 'node_modules/express/lib/router/index.js', 153, 'dependency', 130);
  const next = add(handle, 'next', 'node_modules/express/lib/router/route.js', 121, 'dependency', 90);
  const reviews = add(next, 'reviewsPage', 'src/reviews.ts', 12, 'app', 210);
  const rank = add(reviews, 'rankReviews', 'src/reviews.ts', 39, 'app', 4_100);
  const sort = add(rank, 'toSorted', '', 0, 'native', 3_000);
  add(sort, 'score', 'src/reviews.ts', 48, 'app', 9_800);
  const products = add(next, 'listProducts', 'src/products.ts', 8, 'app', 600);
  add(products, 'stringify', '', 0, 'native', 800);
  const checkout = add(next, 'checkout', 'src/checkout.ts', 25, 'app', 190);
  add(checkout, 'taxOf', 'src/checkout.ts', 16, 'app', 55);
  const parse = add(root, 'onParserExecute', 'node:_http_server', 868, 'node', 420);
  add(parse, 'parserOnHeadersComplete', 'node:_http_common', 75, 'node', 380);
  add(root, '(garbage collector)', '', 0, 'native', 1_900);
  const sources = ['app', 'dependency', 'node', 'native'] as const;
  let parent = checkout;
  let depth = 0;
  while (nodes.length < size) {
    const source = sources[Math.floor(random() * 4)]!;
    const at = add(
      parent,
      `step${nodes.length % 97}`,
      source === 'app' ? 'src/steps.ts' : 'node_modules/lib/index.js',
      nodes.length % 300,
      source,
      Math.floor(random() * 12),
    );
    if (random() < 0.6 && depth < 40) {
      parent = at;
      depth++;
    } else if (random() < 0.3) {
      parent = checkout;
      depth = 0;
    }
  }
  return inPreorder(nodes);
}

function inPreorder(nodes: ProfileTree['nodes']): ProfileTree {
  for (const node of nodes) node.total = node.self;
  for (let i = nodes.length - 1; i > 0; i--) nodes[nodes[i]!.parent]!.total += nodes[i]!.total;
  const children = new Map<number, number[]>();
  for (const [i, node] of nodes.entries()) children.set(node.parent, [...(children.get(node.parent) ?? []), i]);
  const ordered: ProfileTree['nodes'] = [];
  const visit = (i: number, parent: number): void => {
    const at = ordered.push({ ...nodes[i]!, parent }) - 1;
    for (const child of children.get(i) ?? []) visit(child, at);
  };
  visit(0, -1);
  return { intervalUs: 1000, totalSamples: nodes[0]!.total, nodes: ordered, timeline: inTurns(ordered) };
}

/** What each node ran, in turns of a few milliseconds, one after the other. */
function inTurns(nodes: ProfileTree['nodes']): ProfileTree['timeline'] {
  const busy = nodes.flatMap(({ self }, i) => (self > 0 ? [{ i, turns: Math.min(5, self), self }] : []));
  const order = [0, 1, 2, 3, 4].flatMap((turn) => busy.filter(({ turns }) => turn < turns)).slice(0, 10_000);
  return { startS: 0.001, nodes: order.map(({ i }) => i), us: order.map(({ self, turns }) => Math.round((self / turns) * 1000)) };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
