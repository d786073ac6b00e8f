import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { ProbeConfig } from '../model/wire.js';
import { type CaughtBlock, catchBlock } from '../target/attach/caught-block.js';
import { evaluate } from '../target/attach/devtools.js';
import type { Executable } from '../target/attach/elf.js';
import { type Entrance, enter } from '../target/attach/entrance.js';
import { isSame, type ProcessFacts } from '../target/attach/process-facts.js';
import { Refusal } from '../target/attach/refusal.js';

export interface Joining {
  facts: ProcessFacts;
  executable: Executable | null;
  forceSignal: boolean;
  /** Absolute path of the built probe. */
  probe: string;
  config: ProbeConfig;
  /** Number of probes that record so far. */
  recording(): number;
  /** Called with the stack of a thread that did not come back for `sinceMs` and may not have yet. */
  caught(block: CaughtBlock, sinceMs: number): void;
}

/** `joined`: the probe records. `blocked`: its event loop does not turn, so that nothing can run in there; its stack was taken. */
export type Joined = 'joined' | 'blocked';

/** Shorter turns are a busy server; a longer one is looked at. */
const TURN_MS = 1_000;
/** Looks at a blocked thread: enough to tell a loop from what it calls, spread over more than a second. */
const LOOKS = 4;
const APART_MS = 400;
const HELLO_MS = 5_000;

/** Brings the probe into one running process and shuts the inspector behind it. Throws a Refusal; then the process is as it was. */
export async function joinProcess({ facts, executable, forceSignal, probe, config, recording, caught }: Joining): Promise<Joined> {
  const entrance = await enter(facts, executable, forceSignal);
  try {
    const askedMs = performance.now();
    if (!(await entrance.turns(TURN_MS))) {
      const block = await catchBlock(entrance.devtools, LOOKS, APART_MS);
      if (block) caught(block, performance.now() - askedMs);
      if (!(await entrance.turns(TURN_MS))) return 'blocked';
    }
    await inject(entrance, probe, config);
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(`its inspector failed (${(error as Error).message})`);
  } finally {
    await entrance.shut();
  }
  const before = recording();
  const deadlineMs = performance.now() + HELLO_MS;
  while (recording() === before && performance.now() < deadlineMs && isSame(facts)) await delay(10);
  if (recording() === before) throw new Refusal('the probe inside did not report back');
  return 'joined';
}

async function inject(entrance: Entrance, probe: string, config: ProbeConfig): Promise<void> {
  const url = pathToFileURL(probe).href;
  const source = readFileSync(probe, 'utf8');
  const inside = await evaluate<boolean>(
    entrance.devtools,
    `((require, __filename, exports) => {${source}
return exports.attach(${JSON.stringify(config)});
})((id) => process.getBuiltinModule(id), ${JSON.stringify(url)}, {})
//# sourceURL=${url}`,
  );
  if (!inside) throw new Refusal('another ddx is attached to it', 'Wait until it has ended.');
}
