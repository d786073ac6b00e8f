import type { Option } from '../options.js';
import { parseCount, parseDuration } from '../values.js';
import { parseArrivals, parseFactor, parseGoal, parseHeader, parseHostMap, parseRamp } from './values.js';

/** Those of `ddx load`, of which a recording takes some for its own load. */
export const LOAD_OPTIONS = [
  {
    name: 'arrivals',
    commands: ['load'],
    value: 'KIND',
    help: 'how arrivals are spaced: poisson (default), uniform, or trace (the times of --trace)',
    parse: parseArrivals,
  },
  {
    name: 'scenario',
    commands: ['load', 'run', 'attach'],
    value: 'FILE',
    help: 'users who go through sequences of requests (.mjs; --rate is then users per second), or the requests of a .har or OpenAPI .json',
  },
  {
    name: 'trace',
    commands: ['load'],
    value: 'FILE',
    help: 'recorded traffic with its arrival times: .har, .ddx, or an access log of nginx or HAProxy',
  },
  { name: 'speed', commands: ['load'], value: '2', help: 'plays a trace that many times as fast; default 1', parse: parseFactor },
  {
    name: 'host-map',
    commands: ['load', 'run', 'attach'],
    value: 'HOST=TARGET',
    help: 'a recorded host that the target stands for, such as api.example.com=localhost:3000; may be repeated',
    repeat: true,
    parse: parseHostMap,
  },
  {
    name: 'ramp',
    commands: ['load'],
    value: '50..800',
    help: 'instead of --rate: rises (or falls) linearly over the time of --for',
    parse: parseRamp,
  },
  {
    name: 'header',
    commands: ['load', 'run', 'attach'],
    value: '"Name: value"',
    help: 'sent with every request; may be repeated',
    repeat: true,
    parse: parseHeader,
  },
  {
    name: 'goal',
    commands: ['load'],
    value: 'p99=300ms',
    help: 'exit 1 when missed: p50, p90, p99, p99.9, max, mean; errors=1%; rate=500; may be repeated',
    repeat: true,
    parse: parseGoal,
  },
  {
    name: 'wait',
    commands: ['load'],
    value: '10s',
    help: 'how long to wait for a server that is not up yet; default 10s',
    parse: parseDuration,
  },
  { name: 'timeout', commands: ['load'], value: '30s', help: 'when to give up on a request; default 30s', parse: parseDuration },
  {
    name: 'threads',
    commands: ['load'],
    value: 'N',
    help: 'threads that generate; default 1, good for 50,000 and more per second',
    parse: parseCount,
  },
  {
    name: 'max-connections',
    commands: ['load'],
    value: 'N',
    help: 'most connections of an open loop, opened as they are needed; default 1024',
    parse: parseCount,
  },
  {
    name: 'seed',
    commands: ['load'],
    value: 'N',
    help: 'the same seed draws the same requests at the same distances; default 1',
    parse: parseCount,
  },
  {
    name: 'http2',
    commands: ['load'],
    help: 'speak HTTP/2: many requests at a time over each connection (over TLS, or without it by prior knowledge)',
  },
  {
    name: 'ws',
    commands: ['load'],
    help: 'WebSocket (as ws:// and wss:// say too): sends the body of --path "POST /chat text" as a message, answered by the next that comes',
  },
  {
    name: 'broadcast',
    commands: ['load'],
    value: 'N',
    help: 'with --ws: N sockets listen, and a message is answered when all of them but its sender got it',
    parse: parseCount,
  },
  {
    name: 'streams',
    commands: ['load'],
    value: 'N',
    help: 'with --http2: most requests at a time over one connection; default 100, with --connections 10',
    parse: parseCount,
  },
  { name: 'insecure', commands: ['load'], help: 'accept any certificate' },
  {
    name: 'yes-i-own-this-target',
    commands: ['load'],
    help: 'needed for servers on other machines (or name them in package.json: "ddx": {"ownTargets": ["host"]})',
  },
  {
    name: 'find-knee',
    commands: ['load'],
    help: 'search the highest rate that meets the goals, from --rate (default 50) upwards; --for is then of each step (default 5s)',
  },
] as const satisfies readonly Option[];
