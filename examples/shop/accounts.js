import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(scrypt);
const salt = randomBytes(16);
const accounts = new Map([['ada', derive('correct horse', salt, 32)]]);

export async function login(name, password) {
  const stored = accounts.get(name);
  if (!stored) return false;
  return timingSafeEqual(await derive(String(password), salt, 32), await stored);
}
