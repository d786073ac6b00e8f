import { patchModules } from '../modules.js';
import { amqpPatches } from './amqplib.js';
import { ioredisPatches } from './ioredis.js';
import { kafkaPatches } from './kafkajs.js';
import { mongoPatches } from './mongodb.js';
import { mysqlPatches } from './mysql2.js';
import { nodeRedisPatches } from './node-redis.js';
import { pgPatches } from './pg.js';
import { undiciPatches } from './undici.js';

/** Clients of databases, caches, brokers and HTTP: what is loaded already, and what will be. Undone by `restoreAll`. */
export function wrapDrivers(): void {
  patchModules([
    ...pgPatches,
    ...mysqlPatches,
    ...mongoPatches,
    ...ioredisPatches,
    ...nodeRedisPatches,
    ...amqpPatches,
    ...kafkaPatches,
    ...undiciPatches,
  ]);
}
