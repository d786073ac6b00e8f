import { createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { isSick } from './illness.js';

const SECRET = randomBytes(32);
const ROUNDS = 30_000;

const derive = promisify(pbkdf2);
const sign = isSick('pool') ? stretch : hmac;

/** Codes that can't be guessed: random digits and a signature that only this shop can make. */
export async function createVouchers(count) {
  const numbers = Array.from({ length: count }, () => randomBytes(6).toString('hex'));
  return Promise.all(numbers.map(async (number) => `${number}-${(await sign(number)).toString('hex', 0, 6)}`));
}

async function hmac(number) {
  return createHmac('sha256', SECRET).update(number).digest();
}

async function stretch(number) {
  return derive(number, SECRET, ROUNDS, 32, 'sha512');
}
