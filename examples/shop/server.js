/**
 * A small shop: catalogue, search, photos, sessions, login, vouchers, checkout with a tax service of its own.
 * Run it with `node examples/shop/server.js`; PORT (3000) says where, SHOP_SICK what is wrong with it (illness.js).
 */
import express from 'express';
import { login } from './accounts.js';
import { findProduct, listProducts, products } from './catalogue.js';
import { checkout, priceOf, startTaxService } from './checkout.js';
import { renderPage } from './pages.js';
import { closePhotos, readPhoto, thumbnail } from './photos.js';
import { search } from './search.js';
import { countSessions, withSession } from './sessions.js';
import { createVouchers } from './vouchers.js';

const app = express();
app.disable('x-powered-by');
app.use(express.json());
app.use(withSession);

app.get('/products', (req, res) => {
  res.json(listProducts(Number(req.query.page) || 1));
});

app.get('/products/:id', withProduct, (req, res) => {
  res.json({ ...req.product, alsoLiked: req.session.recommended.slice(0, 4).map(({ product }) => product) });
});

app.get('/products/:id/photo', withProduct, async (req, res) => {
  res.type('png').send(await readPhoto(req.product.photo));
});

app.get('/products/:id/thumbnail', withProduct, async (req, res) => {
  const width = Math.min(320, Math.max(16, Number(req.query.width) || 160));
  res.type('png').send(await thumbnail(req.product.photo, width));
});

app.get('/search', (req, res) => {
  res.json(search(String(req.query.q ?? '')));
});

app.get('/pages/:name', async (req, res) => {
  const html = await renderPage(req.params.name, { products: products.length });
  if (html === null) return res.status(404).json({ error: 'no such page' });
  res.type('html').send(html);
});

app.post('/cart', (req, res) => {
  const cents = priceOf([req.body]);
  if (cents === null) return res.status(404).json({ error: 'no such product' });
  req.session.cart.push(req.body);
  res.json({ items: req.session.cart.length, cents });
});

app.post('/checkout', async (req, res) => {
  const order = await checkout(req.body);
  if (order === null) return res.status(404).json({ error: 'no such product' });
  res.status(201).json(order);
});

app.post('/login', async (req, res) => {
  const welcome = await login(req.body.name, req.body.password);
  res.status(welcome ? 200 : 401).json({ welcome });
});

app.post('/vouchers', async (req, res) => {
  res.status(201).json(await createVouchers(Math.min(50, Number(req.body.count) || 1)));
});

app.get('/health', (_req, res) => {
  res.json({ sessions: countSessions() });
});

let tax;
const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`shop listening on http://127.0.0.1:${server.address().port}`);
  tax = startTaxService();
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close();
    server.closeIdleConnections();
    tax?.disconnect();
    void closePhotos();
  });
}

function withProduct(req, res, next) {
  req.product = findProduct(Number(req.params.id));
  if (req.product) next();
  else res.status(404).json({ error: 'no such product' });
}
