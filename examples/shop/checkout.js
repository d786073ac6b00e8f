import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { findProduct } from './catalogue.js';

let taxService = null;
let orders = 0;

/** Starts the tax service; checkouts that come before it is ready wait for it. */
export function startTaxService() {
  const child = fork(fileURLToPath(new URL('./tax.js', import.meta.url)));
  taxService = once(child, 'message').then(([{ port }]) => `http://127.0.0.1:${port}`);
  return child;
}

/** `items`: [{ product, quantity }], in cents. Null where a product does not exist. */
export function priceOf(items) {
  let cents = 0;
  for (const { product, quantity } of items) {
    const found = findProduct(product);
    if (!found) return null;
    cents += found.price * quantity;
  }
  return cents;
}

export async function checkout({ items, country, vat = '' }) {
  const net = priceOf(items);
  if (net === null) return null;
  const { tax } = await askTax({ country, vat, net });
  return { order: ++orders, net, tax, total: net + tax };
}

async function askTax(query) {
  const url = `${await taxService}/tax?${new URLSearchParams(query)}`;
  const response = await fetch(url);
  return response.json();
}
