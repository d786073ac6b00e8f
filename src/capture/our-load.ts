import { ERROR_KINDS, type LoadRun, routesOf, startLoad } from '../load/load.js';
import { STREAMS } from '../model/recording.js';
import type { Serving } from '../target/serving.js';
import type { CaptureEvents, LoadProgress, RecordOptions } from './options.js';
import { routeWithoutSecrets } from './secrets.js';
import type { Tape } from './tape.js';

const UNTIL_INTERRUPTED_S = 86_400;
const CLIENT = STREAMS.client;
const ROUTE = CLIENT.indexOf('route');
const ERROR = CLIENT.indexOf('error');

export interface OurLoadEvents extends Pick<CaptureEvents, 'note'> {
  progress(progress: LoadProgress): void;
}

/** Starts the load that was asked for; its rows go to the tape. */
export function startOurLoad(options: RecordOptions, on: OurLoadEvents, served: Serving, originUs: number, tape: Tape): LoadRun {
  const startedMs = performance.now();
  const { arrivals, notes = [], ...load } = options.load!;
  const requests = [...load.requests];
  for (const note of notes) on.note(note);
  const routes = routesOf(requests).map((route) => tape.intern(routeWithoutSecrets(route)));
  const errors = ERROR_KINDS.map(tape.intern);
  return startLoad(
    {
      ...load,
      host: served.host,
      port: served.port,
      requests,
      arrivals,
      durationS: options.warmupS + (options.durationS ?? UNTIL_INTERRUPTED_S),
      originUs,
    },
    {
      rows(rows) {
        for (let at = 0; at < rows.length; at += CLIENT.length) {
          rows[at + ROUTE] = routes[rows[at + ROUTE]!] ?? -1;
          rows[at + ERROR] = errors[rows[at + ERROR]!] ?? -1;
        }
        tape.append('client', rows);
      },
      progress: (progress) => on.progress({ ...progress, requests: progress.done, elapsedS: (performance.now() - startedMs) / 1000 }),
    },
  );
}
