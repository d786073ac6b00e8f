import { LAB_OPTIONS } from './lab/options.js';
import { LOAD_OPTIONS } from './load/options.js';
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

const RECORDING = ['run', 'attach'];
const ENTERING = ['attach', 'watch'];
const REPORTING = [...RECORDING, 'watch', 'show'];

export const OPTIONS = [
  {
    name: 'rate',
    commands: [...RECORDING, 'load'],
    value: 'N',
    help: 'requests per second, open loop: sent when due, whether or not earlier ones were answered',
    parse: parseRate,
  },
  {
    name: 'connections',
    commands: [...RECORDING, 'load'],
    value: 'N',
    help: 'closed loop instead: N clients that each wait for their answer',
    parse: parseCount,
  },
  {
    name: 'path',
    commands: [...RECORDING, 'load'],
    value: '/x',
    help: 'what to ask for: "/x", "POST /x {json}", "3*/x" for three times as often; may be repeated',
    repeat: true,
  },
  {
    name: 'for',
    commands: [...RECORDING, 'watch', 'load', 'lab'],
    value: '30s',
    help: 'how long to record after the warm-up (ms, s, m, h); default 15s with load, else until Ctrl-C (ddx load: 10s)',
    parse: parseDuration,
  },
  {
    name: 'warmup',
    commands: [...RECORDING, 'load'],
    value: '3s',
    help: 'time before the recording counts; default 3s with load or with --for 20s and more, else 0s (ddx load: 2s)',
    parse: parseDuration,
  },
  {
    name: 'window',
    commands: ['watch'],
    value: '30s',
    help: 'how much is judged at a time, three times as often; 5s to 2m, default 30s',
    parse: parseDuration,
  },
  ...LOAD_OPTIONS,
  {
    name: 'port',
    commands: [...RECORDING, 'watch'],
    value: 'N',
    help: 'the port to load, where the target opens several',
    parse: parsePort,
  },
  { name: 'startup', commands: ['run'], value: '30s', help: 'how long the target may take until it serves', parse: parseDuration },
  {
    name: 'depth',
    commands: [...RECORDING, 'watch'],
    value: 'DEPTH',
    help: 'outside, light, standard (default) or deep: what is looked at, and what that costs',
    parse: parseDepth,
  },
  {
    name: 'block-ms',
    commands: [...RECORDING, 'watch'],
    value: 'N',
    help: 'with --depth deep: blocks of the event loop longer than this are caught while they last; default 100',
    parse: parseCount,
  },
  { name: 'out', commands: RECORDING, value: 'FILE.ddx', help: 'keep the recording' },
  {
    name: 'output',
    commands: [...REPORTING, 'export', 'load', 'explain'],
    value: 'KIND=FILE',
    help: 'also write the report to a file, in one of the kinds below; may be repeated',
    repeat: true,
    parse: parseOutput,
  },
  {
    name: 'force-signal',
    commands: ENTERING,
    help: 'send SIGUSR1 even where ddx cannot tell whether the application handles it; you know that it does not',
  },
  { name: 'json', commands: [...REPORTING, 'doctor', 'load', 'lab'], help: 'print the report as JSON on stdout and nothing else' },
  { name: 'open', commands: ['show', 'watch'], help: "open the report's page in a browser" },
  { name: 'serve', commands: ['show'], help: "serve the report's page on the loopback until Ctrl-C, at an address with a token" },
  { name: 'ruled-out', commands: REPORTING, help: 'show everything that was ruled out, with its number' },
  ...LAB_OPTIONS,
  { name: 'help', commands: [...REPORTING, 'explain', 'doctor', 'export', 'load', 'lab'], help: 'this text' },
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
      ['ddx run --rate 20 --scenario users.mjs -- node server.js', 'users who log in and go on with what they were told; also a .har'],
      ['ddx run --json -- node server.js', 'record the traffic that comes by itself, until Ctrl-C'],
    ],
  },
  {
    name: 'attach',
    usage: 'ddx attach [options] <pid | :port>',
    summary: 'Record a server that already runs, and leave it as it was; it is never restarted or stopped',
    examples: [
      ['ddx attach :3000 --for 30s', 'the traffic that comes by itself to the server on port 3000, for half a minute'],
      ['ddx attach 1234', 'until Ctrl-C; a server that is stuck right now is named with its line and URL path'],
      ['ddx attach 1234 --rate 50 --path /orders', 'with load of our own'],
      ['ddx attach 1234 --depth outside', 'any process, also Go, Java or a database: from /proc alone, nothing goes in'],
    ],
  },
  {
    name: 'watch',
    usage: 'ddx watch [options] <pid | :port>',
    summary: 'Judge a server that runs, again and again, on a page that follows; Ctrl-C leaves it as it was and prints the last report',
    examples: [
      ['ddx watch :3000', 'the last 30 seconds judged every 10, charts of 5 minutes; a verdict changes when three windows agree'],
      ['ddx watch 1234 --open --window 1m', 'for a service with few requests; the page opens by itself'],
      ['ddx watch :3000 --for 10m --output html=last.html', 'unattended; what is said meanwhile goes to stderr'],
    ],
  },
  {
    name: 'show',
    usage: 'ddx show [file.ddx]',
    summary: 'The report of a recording again, here or on another machine',
    examples: [
      ['ddx show slow.ddx --ruled-out', ''],
      ['ddx show slow.ddx --open', 'the page with its charts'],
      ['ddx show slow.ddx --output html=report.html', 'the same as one file, to pass on'],
    ],
  },
  {
    name: 'explain',
    usage: 'ddx explain [rule]',
    summary: 'What an illness is, down to the machine, how ddx knows it and how to heal it',
    examples: [
      ['ddx explain runtime/event-loop-blocked', ''],
      ['ddx explain heap-leak --output html=heap-leak.html', ''],
    ],
  },
  {
    name: 'export',
    usage: 'ddx export file.ddx --output KIND=FILE',
    summary: "Write a recording's report in other formats",
    examples: [
      ['ddx export slow.ddx --output md=report.md --output json=report.json', ''],
      ['ddx export slow.ddx --output trace=slow.trace.json', 'then open it in https://ui.perfetto.dev'],
    ],
  },
  {
    name: 'load',
    usage: 'ddx load <url> [options]',
    summary: 'Load a server that runs already, and measure from the moment each request was due',
    examples: [
      ['ddx load http://localhost:3000/orders --rate 200 --for 30s', '200 requests per second, whether or not earlier ones were answered'],
      ['ddx load :3000 --rate 50 --path "3*/orders" --path "POST /cart {\\"id\\":7}" --goal p99=300ms', 'exit 1 when p99 is above 300 ms'],
      ['ddx load :3000 --find-knee --goal p99=300ms', 'the highest rate at which p99 stays below 300 ms'],
      ['ddx load :3000 --connections 50 --json', 'closed loop: as fast as 50 clients that each wait for their answer'],
    ],
  },
  {
    name: 'lab',
    usage: 'ddx lab [list | <rule> | score]',
    summary: 'Real servers that are ill: guess what it is, see it measured and healed; or score how often ddx is right',
    examples: [
      ['ddx lab event-loop-blocked', 'healthy, sick, and healed, with a question before the answer'],
      ['ddx lab list', ''],
      ['ddx lab score --rule memory --repeat 4 --save', 'four members of each memory family, sick and healed'],
    ],
  },
  {
    name: 'doctor',
    usage: 'ddx doctor',
    summary: 'What this machine lets ddx see, and what each missing thing costs',
    examples: [['ddx doctor', '']],
  },
];
