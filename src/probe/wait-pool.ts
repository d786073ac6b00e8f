import { devNull } from 'node:os';
import { builtin } from './builtin.js';
import { state } from './state.js';
import { createTag } from './tag.js';
import { beginWait, endWait } from './waits.js';
import { type Fn, replace, wrapCallback, wrapPromise } from './wrap.js';

/** Closing is too small to be worth a row; watching is no wait. */
const NOT_FS = new Set(['close', 'exists', 'watch', 'watchFile']);
/** Wrapped in open-files.ts, which looks at what was opened as well. */
const ELSEWHERE = 'open';

/** File system: everything that also has a `...Sync` twin, callback and promise style. */
export function wrapFs(): void {
  const fs = builtin<Record<string, unknown>>('fs');
  const promises = builtin<Record<string, unknown>>('fs/promises');
  for (const name of Object.keys(fs)) {
    if (typeof fs[`${name}Sync`] !== 'function' || NOT_FS.has(name)) continue;
    if (name !== ELSEWHERE) wrapCallback(fs, name, 'pool/fs', `fs.${name}`);
    if (typeof promises[name] === 'function') wrapPromise(promises, name, 'pool/fs', `fs.${name}`);
  }
}

/** `lookup` asks the system's resolver in the pool; `resolve*` speaks DNS by itself and needs no thread. */
export function wrapDns(): void {
  const dns = builtin<Record<string, unknown>>('dns');
  const promises = builtin<Record<string, unknown>>('dns/promises');
  for (const name of Object.keys(dns)) {
    const kind =
      name === 'lookup' || name === 'lookupService' ? 'pool/dns' : name.startsWith('resolve') || name === 'reverse' ? 'dns' : null;
    if (kind === null || typeof dns[name] !== 'function') continue;
    wrapCallback(dns, name, kind, `dns.${name}`);
    if (typeof promises[name] === 'function') wrapPromise(promises, name, kind, `dns.${name}`);
    if (kind !== 'dns') continue;
    // Resolvers of the target's own; and dns.setServers() puts methods of a new one in the place of all of the above.
    for (const [module, wrap] of [
      [dns, wrapCallback],
      [promises, wrapPromise],
    ] as const) {
      const { prototype } = (module['Resolver'] ?? {}) as { prototype?: object };
      if (prototype) wrap(prototype, name, kind, `dns.${name}`);
    }
  }
}

const CRYPTO = [
  'pbkdf2',
  'scrypt',
  'argon2',
  'randomBytes',
  'randomFill',
  'randomInt',
  'hkdf',
  'generateKey',
  'generateKeyPair',
  'generatePrime',
  'checkPrime',
  'sign',
  'verify',
  'diffieHellman',
];

export function wrapCrypto(): void {
  const crypto = builtin<Record<string, unknown>>('crypto');
  for (const name of CRYPTO) wrapCallback(crypto, name, 'pool/crypto', name);
}

const SUBTLE = [
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'digest',
  'generateKey',
  'deriveKey',
  'deriveBits',
  'importKey',
  'exportKey',
  'wrapKey',
  'unwrapKey',
];

/** WebCrypto works in the pool as well. Its methods stand on a prototype that nobody copies, so this may wait until the recording starts. */
export function wrapSubtle(): void {
  const { webcrypto } = builtin<{ webcrypto?: { subtle?: object } }>('crypto');
  const prototype = webcrypto?.subtle && Object.getPrototypeOf(webcrypto.subtle);
  if (prototype) for (const name of SUBTLE) wrapPromise(prototype, name, 'pool/crypto', `subtle.${name}`);
}

const FILE_HANDLE = ['read', 'readv', 'readFile', 'write', 'writev', 'writeFile', 'appendFile', 'stat', 'sync', 'datasync', 'truncate'];

/** Files that fs.promises.open gave out. Their class is not exported: a handle of our own shows it, a moment after the recording began. */
export function wrapFileHandles(): void {
  const { open } = builtin<typeof import('node:fs')>('fs').promises;
  void open(devNull)
    .then(async (handle) => {
      const prototype = Object.getPrototypeOf(handle) as object;
      await handle.close();
      if (!state.tracing) return;
      for (const name of FILE_HANDLE) wrapPromise(prototype, name, 'pool/fs', `FileHandle.${name}`);
    })
    .catch(() => {});
}

/** Later chunks of a stream are written from Node's inside; the first tells whose it is. */
const firstSite = createTag<number>();

/**
 * Compression: one-shots and streams alike go through the base class's `_transform`, one pool task per chunk. The prototype is patched
 * when the recording starts; nothing imports it by name.
 */
export function wrapZlib(): void {
  const zlib = builtin<{ Gzip?: { prototype: object } }>('zlib');
  let prototype: object | null = zlib.Gzip?.prototype ?? null;
  while (prototype && !Object.hasOwn(prototype, '_transform')) prototype = Object.getPrototypeOf(prototype);
  if (!prototype) return;
  replace(prototype, '_transform', (original) => {
    const wrapped: Fn = function (...args) {
      const done = args[2];
      if (!state.tracing || typeof done !== 'function') return Reflect.apply(original, this, args);
      const stream = this as object;
      const wait = beginWait('pool/zlib', stream.constructor.name, wrapped, firstSite.get(stream));
      if (wait) {
        if (wait.site >= 0) firstSite.set(stream, wait.site);
        args[2] = function (this: unknown, ...results: unknown[]) {
          endWait(wait, results[0] instanceof Error);
          return Reflect.apply(done as Fn, this, results);
        };
      }
      return Reflect.apply(original, this, args);
    };
    return wrapped;
  });
}
