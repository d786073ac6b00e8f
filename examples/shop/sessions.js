import { randomUUID } from 'node:crypto';
import { products } from './catalogue.js';
import { isSick } from './illness.js';

const MOST_SESSIONS = 100;
const RECOMMENDED = 1500;

const sessions = new Map();

/** Express middleware: finds the visitor's session by cookie or opens one; `req.session`. */
export function withSession(req, res, next) {
  const id = /(?:^|;\s*)sid=([\w-]+)/.exec(req.headers.cookie ?? '')?.[1];
  const known = id && sessions.get(id);
  req.session = known || openSession();
  if (!known) res.setHeader('Set-Cookie', `sid=${req.session.id}; HttpOnly; SameSite=Lax; Path=/`);
  next();
}

export function countSessions() {
  return sessions.size;
}

function openSession() {
  const session = { id: randomUUID(), since: Date.now(), cart: [], recommended: recommend() };
  sessions.set(session.id, session);
  if (!isSick('leak')) evictOldest();
  return session;
}

/** A Map keeps the order of insertion, so the first key is the oldest. */
function evictOldest() {
  while (sessions.size > MOST_SESSIONS) sessions.delete(sessions.keys().next().value);
}

/** What the visitor will be shown page by page. */
function recommend() {
  const first = Math.floor(Math.random() * products.length);
  return Array.from({ length: RECOMMENDED }, (_, i) => {
    const product = products[(first + i * 7) % products.length];
    return { product: product.id, because: product.name, rank: i + 1 / product.price };
  });
}
