import { backlog } from '../../../src/facts/backlog.js';
import { evidence, percent, when } from '../../../src/facts/evidence.js';
import { type OpenFiles, openFiles, risesSteadily } from '../../../src/facts/open-files.js';
import { requests } from '../../../src/facts/requests.js';
import { window } from '../../../src/facts/window.js';
import type { FactReader } from '../../../src/model/fact.js';
import { placeWords } from '../../../src/model/place.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** Fewer come and go with pools that fill, files that are read now and then, and what Node opens for itself. */
const FEWEST = 16;
/** A request under way may have its client's connection, one to somebody else, and a file open. */
const HELD_PER_REQUEST = 3;
/** Of what stayed open, for a place in the source to be named. */
const OPENER_SHARE = 0.2;
/** From this share of the limit on, the next burst fails. */
const NEAR_LIMIT = 0.8;

export const rule: Rule = {
  id: 'memory/fd-leak',
  title: 'File descriptor leak',
  stage: 'stable',
  mimics: ['memory/heap-leak', 'network/slow-downstream'],
  causes: ['memory/heap-leak', 'http/error-responses'],
  needs: [window, openFiles, backlog],
  judge(get) {
    const files = get(openFiles);
    const { start, end, floors, newConnections } = files;
    const grown = end - start;
    const signal = ['open descriptors', grown, 'descriptors', FEWEST] as const;
    const says = `open files and sockets went ${start} → ${end}`;
    const absent = (why: string) => ({ is: 'absent' as const, because: evidence(`${says}${why}`, ...signal) });
    if (grown < FEWEST) return absent('');
    if (!risesSteadily(files)) return absent(`, at the least ${floors.join(', ')} in the quarters of the window: they do not keep rising`);
    const under = get(backlog);
    const held = Math.max(0, under.grown) * HELD_PER_REQUEST;
    if (grown - held < FEWEST) return absent(`, with ${under.grown} more requests under way at the end: they hold them`);
    // Sockets that clients opened are theirs to close.
    const theirs = Math.min(newConnections, files.socketsGrown ?? newConnections);
    if (grown - held - theirs < FEWEST) return absent(`, and ${newConnections} new clients connected`);
    return { is: 'present', findings: [describe(get, files, says)] };
  },
};

function describe(get: FactReader, files: OpenFiles, says: string): Present {
  const { start, end, limit, socketsGrown, openers, floors } = files;
  const grown = end - start;
  const count = get(requests).length;
  const perS = grown / (get(window).durationUs / 1e6);
  const [opener] = openers.filter((one) => one.count >= OPENER_SHARE * grown);
  const sockets = socketsGrown !== null && socketsGrown > grown / 2;
  const what = sockets ? 'sockets' : 'files';
  const leftS = limit === null ? null : Math.max(0, limit - end) / perS;
  const failing = limit !== null && end >= NEAR_LIMIT * limit;
  return {
    confidence: Math.min(0.97, 0.75 + 0.1 * Math.min(1, grown / (4 * FEWEST)) + (opener ? 0.12 : 0)),
    symptom: failing ? 'errors' : 'risk',
    explainedShare: opener ? Math.min(1, opener.count / grown) : 0.5,
    kind: sockets ? 'sockets' : 'files',
    summary: `${perS.toFixed(1)} ${what} per second are opened${opener ? ` in ${placeWords(opener.location)}` : ''} and never closed.`,
    ...(opener ? { location: opener.location } : {}),
    evidence: [
      evidence(
        `${says}; at the least ${floors.join(', ')} in the quarters of the window`,
        'open descriptors',
        grown,
        'descriptors',
        FEWEST,
      ),
      ...when(socketsGrown !== null, () =>
        evidence(`${socketsGrown} of the ${grown} new ones are sockets`, 'new sockets', socketsGrown!, 'descriptors'),
      ),
      ...when(count > 0, () =>
        evidence(`${(grown / count).toFixed(2)} stay open per request (${count} requests)`, 'descriptors per request', grown / count, '1'),
      ),
      ...when(opener, ({ location, count: opened }) =>
        evidence(
          `${opened} of those opened in the window were opened in ${placeWords(location)} (${percent(opened / grown)}) and are still open`,
          'still open from one place',
          opened,
          'descriptors',
        ),
      ),
      ...when(leftS !== null, () =>
        evidence(
          `at this rate the limit of ${limit} is reached in ${timeWords(leftS!)}; then nothing can be opened, no connection accepted (EMFILE)`,
          'time to descriptor limit',
          leftS!,
          's',
        ),
      ),
    ],
    fixes: [
      sockets
        ? {
            says: 'Close the connection on every path, errors and time-outs included; better, keep one pool or Agent for all requests.',
            code: 'const socket = connect(port, host);\ntry {\n  ...\n} finally {\n  socket.destroy();\n}',
          }
        : {
            says: 'Close the file on every path: `pipeline` destroys its streams also on errors, a `finally` closes a handle.',
            code: 'const file = await open(path);\ntry {\n  ...\n} finally {\n  await file.close();\n}',
          },
    ],
  };
}

function timeWords(s: number): string {
  if (s < 120) return `${s.toFixed(0)} s`;
  return s < 7200 ? `${(s / 60).toFixed(0)} min` : `${(s / 3600).toFixed(0)} h`;
}
