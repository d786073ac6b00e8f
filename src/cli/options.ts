import { parseCount, parseDepth, parseDuration, parseOutput, parsePort, parseRate } from './values.js';

/** One option of one or more commands: parser, --help and the docs are made from this table. */
export interface Option {
  readonly name: string;
  readonly commands: readonly string[];
  /** Shown behind the name; absent for a switch. */
  readonly value?: string;
  readonly help: string;
  readonly repeat?: true;
  /** Throws DDX_USAGE for text that is no such value. */
  readonly parse?: (text: string, option: string) => unknown;
}

const REPORTING = ['run', 'show'];

export const OPTIONS = [
  {
    name: 'rate',
    commands: ['run'],
    value: 'N',
    help: 'requests per second, open loop: sent when due, whether or not earlier ones were answered',
    parse: parseRate,
  },
  {
    name: 'connections',
    commands: ['run'],
    value: 'N',
    help: 'closed loop instead: N clients that each wait for their answer',
    parse: parseCount,
  },
  {
    name: 'path',
    commands: ['run'],
    value: '/x',
    help: 'what to ask for: "/x", "POST /x {json}", "3*/x" for three times as often; may be repeated',
    repeat: true,
  },
  {
    name: 'for',
    commands: ['run'],
    value: '30s',
    help: 'how long to record after the warm-up (ms, s, m, h); default 15s with load, else until Ctrl-C',
    parse: parseDuration,
  },
  {
    name: 'warmup',
    commands: ['run'],
    value: '3s',
    help: 'load before the recording counts; default 3s with load, else 0s',
    parse: parseDuration,
  },
  { name: 'port', commands: ['run'], value: 'N', help: 'the port to load, where the target opens several', parse: parsePort },
  { name: 'startup', commands: ['run'], value: '30s', help: 'how long the target may take until it serves', parse: parseDuration },
  {
    name: 'depth',
    commands: ['run'],
    value: 'DEPTH',
    help: 'outside, light, standard (default) or deep: what is looked at, and what that costs',
    parse: parseDepth,
  },
  { name: 'out', commands: ['run'], value: 'FILE.ddx', help: 'keep the recording' },
  {
    name: 'output',
    commands: [...REPORTING, 'export'],
    value: 'KIND=FILE',
    help: 'also write the report as html, json or md; may be repeated',
    repeat: true,
    parse: parseOutput,
  },
  { name: 'json', commands: [...REPORTING, 'doctor'], help: 'print the report as JSON on stdout and nothing else' },
  { name: 'ruled-out', commands: REPORTING, help: 'show everything that was ruled out, with its number' },
  { name: 'help', commands: ['run', 'show', 'explain', 'doctor', 'export'], help: 'this text' },
] as const satisfies readonly Option[];

export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly examples: readonly (readonly [command: string, what: string])[];
}

export const COMMANDS: readonly Command[] = [
  {
    name: 'run',
    usage: 'ddx run [options] -- <command...>',
    summary: 'Start a server, load it, record it, and say what is wrong with it',
    examples: [
      ['ddx run --rate 200 --for 30s -- node server.js', '200 requests per second to / for half a minute'],
      ['ddx run --rate 50 --path /orders --path "POST /cart {\\"id\\":7}" -- npm start', 'two routes, half of the load each'],
      ['ddx run --json -- node server.js', 'record the traffic that comes by itself, until Ctrl-C'],
    ],
  },
  {
    name: 'show',
    usage: 'ddx show [file.ddx]',
    summary: 'The report of a recording again, here or on another machine',
    examples: [
      ['ddx show slow.ddx --ruled-out', ''],
      ['ddx show slow.ddx --output html=report.html', ''],
    ],
  },
  {
    name: 'explain',
    usage: 'ddx explain [rule]',
    summary: 'What an illness is, down to the machine, how ddx knows it and how to heal it',
    examples: [['ddx explain runtime/event-loop-blocked', '']],
  },
  {
    name: 'export',
    usage: 'ddx export file.ddx --output KIND=FILE',
    summary: "Write a recording's report in other formats",
    examples: [['ddx export slow.ddx --output md=report.md --output json=report.json', '']],
  },
  {
    name: 'doctor',
    usage: 'ddx doctor',
    summary: 'What this machine lets ddx see, and what each missing thing costs',
    examples: [['ddx doctor', '']],
  },
];
