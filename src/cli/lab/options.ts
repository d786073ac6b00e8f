import type { Option } from '../options.js';
import { parseCount, parseDuration, parseSeed, parseState, parseTool } from '../values.js';

/** Those of `ddx lab` alone; `score:` marks what only `ddx lab score` heeds. */
export const LAB_OPTIONS = [
  { name: 'seed', commands: ['lab'], value: 'N', help: 'which member of a family: the same seed gives the same server', parse: parseSeed },
  { name: 'no-quiz', commands: ['lab'], help: 'lab RULE: tell at once what it is' },
  { name: 'repeat', commands: ['lab'], value: 'K', help: 'score: so many successive seeds (default 1)', parse: parseCount },
  { name: 'rule', commands: ['lab'], value: 'ID', help: 'score: only scenarios whose id begins so; may be repeated', repeat: true },
  { name: 'only', commands: ['lab'], value: 'STATE', help: 'score: only sick or only healthy members', parse: parseState },
  { name: 'node', commands: ['lab'], value: '20,22', help: 'score: Node versions (or paths of node) that the servers run on' },
  { name: 'same', commands: ['lab'], help: 'score: --repeat runs of one seed instead of successive ones (A/A)' },
  {
    name: 'within',
    commands: ['lab'],
    value: '5m',
    help: 'score: begin no run that would not end in this time; with --save the next call goes on',
    parse: parseDuration,
  },
  { name: 'save', commands: ['lab'], help: 'score: keep results and go on from earlier ones (rules/scores.json in a checkout)' },
  { name: 'tool', commands: ['lab'], value: 'TOOL', help: 'score: ask clinic or cpuprof instead of ddx', parse: parseTool },
] as const satisfies readonly Option[];
