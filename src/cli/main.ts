#!/usr/bin/env node
import { type Arguments, parseArguments } from './arguments.js';
import { attach } from './attach.js';
import { doctor } from './doctor.js';
import { EXIT } from './exit-codes.js';
import { explain } from './explain.js';
import { tellFailure } from './failure.js';
import { commandHelp, mainHelp } from './help.js';
import { load } from './load/load.js';
import { run } from './run.js';
import { exportReport, show } from './show.js';
import { VERSION } from './version.js';
import { watch } from './watch.js';

/** The lab brings all scenarios with it; nobody else should wait for them. */
const lab = async (args: Arguments): Promise<number> => (await import('./lab/lab.js')).lab(args);

const HANDLERS = { run, attach, watch, show, explain, doctor, lab, export: exportReport, load };

async function main(argv: readonly string[]): Promise<number> {
  const [first] = argv;
  if (first === '--version' || first === '-v') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    (first === undefined ? process.stderr : process.stdout).write(mainHelp(VERSION));
    return first === undefined ? EXIT.usage : 0;
  }
  const args = parseArguments(argv);
  if (args.given('help')) {
    process.stdout.write(commandHelp(args.command));
    return 0;
  }
  return HANDLERS[args.command.name as keyof typeof HANDLERS](args);
}

// A closed pipe (ddx ... | head) is the reader's choice, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});
process.exitCode = await main(process.argv.slice(2)).catch(tellFailure);
