import { ACCOUNT_NAMES } from '../../model/account-names.js';
import type { AccountId } from '../../model/ledger.js';
import type { LedgerRow } from '../../model/ledger-view.js';
import type { Report } from '../../model/report.js';
import { roundToSum } from '../../model/rounding.js';
import type { Bucket } from '../../model/units.js';
import { wordFixed, wordMs, wordShare } from '../../model/wording.js';
import { Swatch } from '../parts/stacked-bar.js';
import type { BucketView } from './ledger.js';

const MOST_DETAILS = 10;

/** One account: who or where its time went, how it grows towards the tail, which findings speak of it. */
export function AccountDetail({
  report,
  views,
  bucket,
  account,
}: {
  report: Report;
  views: BucketView[];
  bucket: Bucket;
  account: string;
}) {
  const chosen = views.find((view) => view.bucket === bucket);
  const row = chosen?.whole.rows.find((candidate) => candidate.account === account);
  const name = ACCOUNT_NAMES[account as AccountId] ?? account;
  const findings = report.findings
    .map((finding, index) => ({ finding, index }))
    .filter(({ finding }) => finding.fixes.some(({ change }) => change?.kind === 'scale-account' && change.account === account));
  return (
    <aside class="account-detail" aria-live="polite">
      <h3>
        <Swatch account={account} />
        {name}
      </h3>
      <p class="muted">{MEANINGS[account as AccountId]}</p>
      <dl class="growth">
        {views.map((view) => {
          const at = view.whole.rows.find((candidate) => candidate.account === account);
          return (
            <div key={view.bucket} class={view.bucket === bucket ? 'chosen' : ''}>
              <dt>{view.bucket}</dt>
              <dd>{at ? wordMs(at.share * view.ledger.measuredMs) : '0 ms'}</dd>
              <dd class="muted">{wordShare(at?.share ?? 0)}</dd>
            </div>
          );
        })}
      </dl>
      {row && chosen ? (
        <Details row={row} decimals={chosen.whole.decimals} totalMs={chosen.ledger.measuredMs} />
      ) : (
        <p class="muted">None at {bucket}.</p>
      )}
      {findings.map(({ finding, index }) => (
        <p key={index}>
          <a href={`#finding-${index + 1}`}>Finding: {finding.title}</a>
        </p>
      ))}
    </aside>
  );
}

function Details({ row, decimals, totalMs }: { row: LedgerRow; decimals: number; totalMs: number }) {
  const shown = row.details.slice(0, MOST_DETAILS);
  if (shown.length === 0) return null;
  const rowMs = row.share * totalMs;
  const rest = Math.max(0, rowMs - shown.reduce((sum, { ms }) => sum + ms, 0));
  const units = roundToSum([...shown.map(({ ms }) => ms), rest], row.units / 10 ** decimals, decimals).parts;
  const more = row.details.length - shown.length;
  const restUnits = units.at(-1)!;
  return (
    <table class="details">
      <tbody>
        {shown.map(({ text }, i) => (
          <tr key={text}>
            <th scope="row">
              <code class="long">{text}</code>
            </th>
            <td>{wordFixed(units[i]!, decimals)} ms</td>
          </tr>
        ))}
        {restUnits > 0 ? (
          <tr class="muted">
            <th scope="row">{more > 0 ? `${more} more` : 'not named'}</th>
            <td>{wordFixed(restUnits, decimals)} ms</td>
          </tr>
        ) : null}
      </tbody>
    </table>
  );
}

const MEANINGS: Partial<Record<AccountId, string>> = {
  arrival: 'The bytes lay in the kernel; the handler had not been entered.',
  'js/own': "This request's JavaScript ran on the main thread.",
  'js/other': 'This request could have gone on, but JavaScript of others held the main thread.',
  'js/gc': 'The main thread stood still for the garbage collector.',
  'js/runtime': 'Node itself was at work: parsing, TLS, loading and compiling modules.',
  'cpu/run-queue': 'The main thread wanted to run; the kernel gave no core.',
  'cpu/throttled': 'The cgroup quota was used up; the kernel stopped every thread.',
  'pool/wait': "Queued for one of libuv's threads.",
  'pool/work': "At work on one of libuv's threads: files, look-ups, crypto, zlib.",
  'db/pool-wait': 'Waited for a free database connection.',
  'db/connect': 'Opened a database connection.',
  'db/execute': 'The database worked on the statement.',
  'cache/pool-wait': 'Waited for a free connection to the cache.',
  'cache/connect': 'Opened a connection to the cache.',
  'cache/execute': 'The cache was asked; most of it is the way there and back.',
  'http/pool-wait': 'Waited for a free connection of the HTTP agent.',
  'net/dns': 'Looked up a name.',
  'net/connect': 'Opened a TCP connection.',
  'net/tls': 'TLS handshake.',
  'net/response': 'Another service was answering on a connection of its own protocol.',
  'http/response': 'Another service had the request.',
  'wait/lock': 'Waited for a lock of the application.',
  'wait/timer': 'Slept on a timer.',
  'wait/worker': 'A worker thread had the work.',
  'wait/child': 'A child process had the work.',
  'wait/queue': 'Waited for a message broker.',
  'wait/stream': 'The reader was slower than the writer.',
  'wait/other': 'A promise that is not known better.',
  response: 'From the last write until the socket had taken it all.',
  unattributed: 'The honest rest: nothing that was seen explains it.',
};
