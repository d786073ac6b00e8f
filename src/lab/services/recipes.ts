import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { ServiceNeed } from '../scenario.js';
import type { Recipe } from './service.js';

const LOOPBACK = '127.0.0.1';

const postgres: Recipe = {
  packages: ['postgresql', 'postgresql-contrib'],
  account: 'postgres',
  find() {
    const home = '/usr/lib/postgresql';
    const versions = existsSync(home) ? readdirSync(home).sort((a, b) => Number(b) - Number(a)) : [];
    const programs = versions.map((version) => join(home, version, 'bin/postgres'));
    return programs.find((program) => existsSync(program)) ?? inPath('postgres');
  },
  prepare: ({ program, folder }) => [
    [join(dirname(program), 'initdb'), '-D', join(folder, 'data'), '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--no-sync'],
  ],
  start: ({ program, folder, port, flags }) => ({
    command: [program, '-D', join(folder, 'data'), '-p', `${port}`, '-h', LOOPBACK, '-k', folder, ...flags],
  }),
  // A start-up message for protocol 3.0; "E" comes while the server is still recovering.
  greeting: { hello: startupMessage('user\0postgres\0database\0postgres\0\0'), ready: (answer) => answer[0] === 0x52 },
  url: (port) => `postgres://postgres@${LOOPBACK}:${port}/postgres`,
};

const mariadb: Recipe = {
  packages: ['mariadb-server'],
  account: 'mysql',
  find: () => inPath('mariadbd'),
  prepare: ({ folder }) => [
    ['mariadb-install-db', '--no-defaults', `--datadir=${join(folder, 'data')}`, '--auth-root-authentication-method=normal'],
  ],
  start: ({ program, folder, port, flags }) => ({
    command: [
      program,
      '--no-defaults',
      `--datadir=${join(folder, 'data')}`,
      `--port=${port}`,
      `--bind-address=${LOOPBACK}`,
      `--socket=${join(folder, 's.sock')}`,
      '--performance-schema=ON',
      ...flags,
    ],
  }),
  // The server speaks first: length, sequence 0, protocol 10.
  greeting: { hello: null, ready: (answer) => answer[4] === 10 },
  url: (port) => `mysql://root@${LOOPBACK}:${port}/test`,
};

const redis: Recipe = {
  packages: ['redis-server'],
  account: null,
  find: () => inPath('redis-server'),
  start: ({ program, folder, port, flags }) => ({
    command: [program, '--port', `${port}`, '--bind', LOOPBACK, '--dir', folder, '--save', '', '--appendonly', 'no', ...flags],
  }),
  greeting: { hello: Buffer.from('PING\r\n'), ready: (answer) => answer.toString().startsWith('+PONG') },
  url: (port) => `redis://${LOOPBACK}:${port}`,
};

const rabbitmq: Recipe = {
  packages: ['rabbitmq-server'],
  account: 'rabbitmq',
  find() {
    const home = '/usr/lib/rabbitmq/lib';
    const versions = existsSync(home) ? readdirSync(home) : [];
    return versions.map((version) => join(home, version, 'sbin/rabbitmq-server')).find((program) => existsSync(program)) ?? null;
  },
  start({ program, folder, port, furtherPorts: [distribution, epmd] }) {
    writeFileSync(
      join(folder, 'rabbitmq.conf'),
      [`listeners.tcp.1 = ${LOOPBACK}:${port}`, 'vm_memory_high_watermark.absolute = 256MB', 'disk_free_limit.absolute = 50MB'].join('\n'),
    );
    writeFileSync(join(folder, 'enabled_plugins'), '[].\n');
    return {
      // Started by the server, the port mapper would become a daemon and outlive it.
      command: ['sh', '-c', 'epmd & exec "$0"', program],
      // It and Erlang's distribution listen everywhere unless told otherwise.
      env: {
        HOME: folder,
        ERL_EPMD_ADDRESS: LOOPBACK,
        ERL_EPMD_PORT: `${epmd}`,
        RABBITMQ_DIST_PORT: `${distribution}`,
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
        RABBITMQ_NODENAME: `ddx${port}@localhost`,
        RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
        RABBITMQ_CONF_ENV_FILE: '/dev/null',
        RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
        RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
        RABBITMQ_LOG_BASE: join(folder, 'log'),
        RABBITMQ_LOGS: '-',
      },
    };
  },
  greeting: { hello: Buffer.from('AMQP\0\0\x09\x01', 'latin1'), ready: (answer) => answer[0] === 1 },
  url: (port) => `amqp://guest:guest@${LOOPBACK}:${port}`,
};

export const RECIPES: Record<ServiceNeed, Recipe> = { postgres, mariadb, redis, rabbitmq };

/** Debian keeps servers out of a user's PATH. */
function inPath(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find((program) => existsSync(program)) ?? null;
}

function startupMessage(parameters: string): Buffer {
  const body = Buffer.from(parameters, 'latin1');
  const message = Buffer.alloc(8 + body.length);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(3 << 16, 4);
  body.copy(message, 8);
  return message;
}
