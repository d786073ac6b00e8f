/** Code that creates a pool of connections, or what limits how many calls go out at once. */
export const CREATES_POOL =
  /\bnew\s+[\w.]*(?:Pool|Agent|Limiter|Semaphore)\w*\s*\(|\bcreate\w*(?:Pool|Connection|Client|Agent)\w*\s*\(|\bnew\s+[\w.]*Client\s*\(/;
/** Its options may stand on lines of their own. */
export const POOL_OPTION_LINES = 10;
