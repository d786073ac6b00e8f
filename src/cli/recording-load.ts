import type { RecordOptions } from '../capture/capture.js';
import { DdxError } from '../errors.js';
import { parsePath } from '../load/parse-path.js';
import { harHosts, readHar } from '../load/scenario/har.js';
import type { Arguments } from './arguments.js';
import { type LoadSource, readScenarioFile, recorded } from './load/source.js';

/** The load that `run` and `attach` were asked to make; null: the traffic that comes by itself. Throws DDX_USAGE and DDX_SCENARIO. */
export async function recordingLoad(args: Arguments): Promise<RecordOptions['load']> {
  const rate = args.get<number>('rate');
  const connections = args.get<number>('connections');
  const paths = args.all<string>('path');
  const scenario = args.get<string>('scenario');
  if (rate !== undefined && connections !== undefined)
    throw new DdxError(
      'DDX_USAGE',
      '--rate and --connections exclude each other.',
      'Give --rate for an open loop (recommended), --connections for a closed one.',
    );
  if (scenario !== undefined && paths.length > 0)
    throw new DdxError('DDX_USAGE', '--scenario and --path exclude each other.', 'Each says what to ask for: give one of them.');
  if (rate === undefined && connections === undefined) {
    const [option] = [paths.length > 0 && '--path', scenario !== undefined && '--scenario'].filter((one) => one);
    if (!option) return null;
    throw new DdxError(
      'DDX_USAGE',
      `${option} says what to ask for, but not how often.`,
      `Add --rate 50 (${option === '--path' ? 'requests' : 'requests, or users of a .mjs,'} per second) or --connections 10.`,
    );
  }
  const { requests, inOrder, ...source } =
    scenario === undefined ? asked(paths) : await readScenarioFile(scenario, false, (text) => fromHar(scenario, text, args));
  return {
    requests,
    inOrder,
    ...(source.scenario === null ? {} : { scenario: source.scenario }),
    headers: Object.fromEntries(args.all<[string, string]>('header')),
    arrivals: rate !== undefined ? { kind: 'open', ratePerS: rate } : { kind: 'closed', connections: connections! },
    notes: source.notes,
  };
}

function asked(paths: readonly string[]): Pick<LoadSource, 'requests' | 'inOrder' | 'scenario' | 'notes'> {
  return { requests: (paths.length > 0 ? paths : ['/']).map(parsePath), inOrder: false, scenario: null, notes: [] };
}

/** The target's port is not known yet: of several recorded hosts the user names those that it stands for. */
function fromHar(file: string, text: string, args: Arguments): LoadSource {
  const mapped = args.all<[string, string]>('host-map').map(([from]) => from);
  const hosts = harHosts(file, text);
  if (mapped.length === 0 && hosts.length > 1)
    throw new DdxError(
      'DDX_SCENARIO',
      `${file} holds requests to ${hosts.length} hosts: ${hosts.slice(0, 5).join(', ')}${hosts.length > 5 ? ', ...' : ''}.`,
      `Say which of them the target stands for: --host-map ${hosts[0]}=localhost`,
    );
  return recorded(readHar(file, text, hosts[0] ?? '', new Set(mapped)));
}
