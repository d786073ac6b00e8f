/**
 * SHOP_SICK decides which one mistake this shop is built with. Each is the smallest change that a developer might have made:
 *
 *   block       search.js     search compares every word of every product instead of asking an index
 *   leak        sessions.js   sessions are never evicted
 *   thrash      photos.js     a thumbnail is cut into strips for eight threads per core instead of one job for a pool of cores - 1
 *   downstream  tax.js        the tax service asks a slow registry each time instead of remembering the answer
 *   pool        vouchers.js   voucher codes are stretched like passwords, all at once, in libuv's four threads
 *   none                      as it should be
 */
const ILLNESSES = ['none', 'block', 'leak', 'thrash', 'downstream', 'pool'];

const chosen = process.env.SHOP_SICK || 'none';
if (!ILLNESSES.includes(chosen)) {
  console.error(`SHOP_SICK=${chosen}: there is no such illness; choose one of ${ILLNESSES.join(', ')}.`);
  process.exit(2);
}

export function isSick(illness) {
  return chosen === illness;
}
