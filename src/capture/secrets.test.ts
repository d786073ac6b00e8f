import { describe, expect, it } from 'vitest';
import {
  linesWithoutSecrets,
  logWithoutSecrets,
  pathWithoutSecrets,
  routeWithoutSecrets,
  withoutSecretArguments,
  withoutSecrets,
} from './secrets.js';

describe('withoutSecrets', () => {
  it.each([
    ["const password = 'hunter2';", 'hunter2'],
    ['connect({ user: \'a\', apiKey: "abc\\"def" })', 'def'],
    ["pool('postgres://app:hunter2@db:5432/x')", 'hunter2'],
    ["pool('redis://:hunter2@cache')", 'hunter2'],
    ["stripe('sk_live_abcdefghijkl')", 'abcdefghijkl'],
    ["const k = 'AKIAIOSFODNN7EXAMPLE'", 'IOSFODNN7'],
    ["const hmac = 'q83vEjRWeJq83vEjRWeJq83vEjRWeJ12'", 'q83vEjRW'],
    ["headers.authorization = 'Bearer ' + x", 'Bearer'],
    ["const secret = 'goes on", 'goes on'],
    ['jwt.verify(t, `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc`)', 'eyJhbGci'],
  ])('hides what %s holds', (line, secret) => {
    expect(withoutSecrets(line)).not.toContain(secret);
  });

  it.each([
    "app.get('/orders/:id', async (req, res) => {",
    "const text = 'a perfectly ordinary sentence of some length, no 2 alike';",
    "import { thing } from './some/path/to/a/module.js';",
    'for (let i = 0; i < 1e6; i++) sum += i;',
    "fetch('http://tax.internal:8080/rates')",
  ])('leaves %s alone', (line) => {
    expect(withoutSecrets(line)).toBe(line);
  });

  it('hides a key that goes over several lines', () => {
    const lines = ['const pem = `-----BEGIN RSA PRIVATE KEY-----', 'MIIEpAIBAAKCAQEA', 'abc', '-----END RSA PRIVATE KEY-----`;', 'next();'];
    expect(linesWithoutSecrets(lines)).toEqual(['•••', '•••', '•••', '•••', 'next();']);
  });
});

describe('logWithoutSecrets', () => {
  it.each([
    'password=hunter2',
    'DB_PASSWORD: hunter2',
    '{"token":"hunter2"}',
    'Authorization: Bearer hunter2',
    'at https://u:hunter2@host/',
  ])('hides what %s holds', (line) => {
    expect(logWithoutSecrets(line)).not.toContain('hunter2');
  });

  it('keeps what explains a crash', () => {
    const line = "TypeError: Cannot read properties of undefined (reading 'id')";
    expect(logWithoutSecrets(line)).toBe(line);
  });
});

describe('what logs and lines quote', () => {
  it.each([
    ['Cookie: sid=hunter2; theme=hunter2'],
    ['(email)=(anna-hunter2@example.com) exists'],
    ["near INSERT INTO people VALUES ('hunter2', 4111111)"],
    ['GET /reset?code=hunter2&x=1 500'],
    ["ENOENT: no such file, open '/tmp/letters/hunter2.txt'"],
    ['where card = 4111 and name = "hunter2"'],
  ])('hides what %s holds', (line) => {
    expect(logWithoutSecrets(line)).not.toContain('hunter2');
  });

  it('keeps where it happened', () => {
    for (const line of ['    at look (/tmp/app/server.js:10:5)', '/tmp/app/server.js:10', "Error: Cannot find module './cart'"])
      expect(logWithoutSecrets(line)).toBe(line);
  });

  it('keeps a statement, and leaves the values out', () => {
    expect(withoutSecrets(`db.query("SELECT * FROM cards WHERE number = '4111' AND owner = $1 LIMIT 20")`)).toBe(
      `db.query("SELECT * FROM cards WHERE number = '•••' AND owner = $1 LIMIT 20")`,
    );
    expect(withoutSecrets('let n = 1; // the password is hunter2')).toBe('let n = 1; // •••');
  });

  it('names a path without what tells somebody apart', () => {
    expect(pathWithoutSecrets('/reset/k7Qz1a2b3c4d5e6f/now')).toBe('/reset/•••/now');
    expect(routeWithoutSecrets('GET /people/anna@example.com/orders')).toBe('GET /people/:id/orders');
    for (const route of ['GET /', 'GET /api/v2/products', 'POST /checkout/step-2', 'GET /products/7', 'GET /pages/shipping-and-returns'])
      expect(routeWithoutSecrets(route)).toBe(route);
  });
});

describe('withoutSecretArguments', () => {
  it('hides values, whichever way they are given', () => {
    expect(
      withoutSecretArguments(['node', 'x.js', '--db-password', 'hunter2', '--api-key=hunter2', 'TOKEN=hunter2', 'pg://a:hunter2@h/d']),
    ).toEqual(['node', 'x.js', '--db-password', '•••', '--api-key=•••', 'TOKEN=•••', 'pg://a:•••@h/d']);
    expect(withoutSecretArguments(['node', '--port', '3000', 'server.js'])).toEqual(['node', '--port', '3000', 'server.js']);
  });
});
