/** The tax service: a process of its own, started by the shop. GET /tax?country=DE&vat=DE811569869&net=1999 */
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { isSick } from './illness.js';

const RATES = { AT: 0.2, DE: 0.19, FI: 0.255, FR: 0.2, IE: 0.23, PL: 0.23 };
const LOOKUP_MS = 5;

const known = new Map();

const server = createServer(async (req, res) => {
  const { searchParams } = new URL(req.url, 'http://tax');
  const country = searchParams.get('country');
  await delay(LOOKUP_MS);
  const valid = await isValid(searchParams.get('vat'));
  const rate = valid ? 0 : (RATES[country] ?? 0.2);
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ rate, tax: Math.round(Number(searchParams.get('net')) * rate) }));
});

/** Whether a business may buy free of tax: the registry of VAT numbers knows, and it takes its time. */
async function isValid(vat) {
  if (!vat) return false;
  if (known.has(vat)) return known.get(vat);
  await delay(400 + Math.random() * 200);
  const valid = /^[A-Z]{2}\d{8,12}$/.test(vat);
  if (!isSick('downstream')) known.set(vat, valid);
  return valid;
}

server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
// The shop is gone.
process.once('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => {});
