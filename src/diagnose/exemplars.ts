import { ledgerContext, ledgers } from '../facts/ledgers.js';
import { isBooked, type Request, requests } from '../facts/requests.js';
import { waterfallOf } from '../facts/waterfall.js';
import { window } from '../facts/window.js';
import type { FactReader } from '../model/fact.js';
import type { Exemplar } from '../model/report.js';
import { accountsOf } from './ledger-report.js';

/** A few whole requests to look at: the slowest of all and of each route, typical ones, quick ones. */
export function exemplarsOf(get: FactReader): Exemplar[] {
  const { startUs } = get(window);
  const { book } = get(ledgers);
  const context = get(ledgerContext);
  const byWall = get(requests)
    .filter(isBooked)
    .sort((a, b) => b.endUs - b.startUs - (a.endUs - a.startUs));
  const middle = byWall.length >> 1;
  const chosen = new Map<Request, Exemplar['why']>();
  const choose = (list: readonly Request[], why: Exemplar['why']) => {
    for (const request of list) if (!chosen.has(request)) chosen.set(request, why);
  };
  choose(byWall.slice(0, 8), 'slowest');
  const routes = new Set<string>();
  for (const request of byWall) {
    if (routes.size < 30 && !routes.has(request.route)) {
      routes.add(request.route);
      choose([request], 'slowest');
    }
  }
  choose(byWall.slice(middle, middle + 4), 'median');
  choose(byWall.slice(-3), 'fastest');
  return [...chosen].map(([request, why], i) => {
    const ledger = book(request);
    return {
      id: `r${i + 1}`,
      route: request.route,
      status: request.status,
      startS: (request.startUs - startUs) / 1e6,
      wallMs: ledger.wallUs / 1000,
      why,
      accounts: accountsOf(ledger.entries, ledger.wallUs),
      lanes: waterfallOf(context, request).map(({ spans, ...lane }) => ({
        ...lane,
        spans: spans.map(([from, length]): [number, number] => [Math.round(from) / 1000, Math.round(length) / 1000]),
      })),
    };
  });
}
