import { useMemo, useState } from 'preact/hooks';
import { bucketWords, type LedgerView, requestCount, sickestLedger, viewLedger } from '../../model/ledger-view.js';
import type { LedgerBuckets, LedgerReport, Report } from '../../model/report.js';
import { BUCKETS, type Bucket } from '../../model/units.js';
import { wordMs } from '../../model/wording.js';
import { Choice } from '../parts/choice.js';
import { Section } from '../parts/section.js';
import { StackedBar } from '../parts/stacked-bar.js';
import { routeHref } from '../place.js';
import { Contrast } from './contrast.js';
import { AccountDetail } from './ledger-detail.js';
import { AccountList, LedgerTable } from './ledger-table.js';

const VIEWS = ['share', 'time', 'table'] as const;
type View = (typeof VIEWS)[number];

export interface BucketView {
  bucket: Bucket;
  ledger: LedgerReport;
  /** Every account, rounded so that the column adds up. */
  whole: LedgerView;
  /** Whose mean it is. */
  says: string;
}

/** Where a route's time goes at each percentile: which account grows towards the tail. */
export function Ledger({ report, route: wanted }: { report: Report; route: string | null }) {
  const names = Object.keys(report.ledger).filter((name) => Object.keys(report.ledger[name] ?? {}).length > 0);
  const sickest = useMemo(() => sickestLedger(report), [report]);
  const [view, setView] = useState<View>('share');
  const [bucket, setBucket] = useState<Bucket>(sickest?.bucket ?? 'p99');
  const [account, setAccount] = useState<string | null>(null);
  const route = wanted !== null && names.includes(wanted) ? wanted : (sickest?.route ?? names[0]);
  if (route === undefined || !sickest) return null;
  const views = viewsOf(report.ledger[route] ?? {}, requestCount(report, route));
  const chosen = views.find((candidate) => candidate.bucket === bucket) ?? views.at(-1);
  if (!chosen) return null;
  const missing = wanted !== null && wanted !== route;
  return (
    <Section id="ledger" title="Where the time goes" note="mean request of each percentile; each instant has exactly one owner">
      <div class="controls">
        <label>
          <span class="muted">Route</span>
          <select value={route} onChange={(event) => location.assign(routeHref(event.currentTarget.value))}>
            {names.map((name) => (
              <option key={name} value={name}>
                {name === 'overall' ? 'All routes' : name.slice(0, 120)}
              </option>
            ))}
          </select>
        </label>
        <Choice label="Show as" options={VIEWS} value={view} onChange={setView} />
      </div>
      {missing ? <p class="muted">No ledger was made for {wanted}: too few requests, or none was slow.</p> : null}
      {view === 'table' ? (
        <LedgerTable views={views} />
      ) : (
        <>
          <Bars
            views={views}
            bucket={chosen.bucket}
            toScale={view === 'time'}
            account={account}
            onBucket={setBucket}
            onAccount={setAccount}
          />
          <div class="ledger-below">
            <AccountList view={chosen} account={account} onAccount={(next) => setAccount(next === account ? null : next)} />
            {account === null ? null : <AccountDetail report={report} views={views} bucket={chosen.bucket} account={account} />}
          </div>
        </>
      )}
      <Contrast report={report} />
    </Section>
  );
}

interface BarsProps {
  views: BucketView[];
  bucket: Bucket;
  toScale: boolean;
  account: string | null;
  onBucket: (bucket: Bucket) => void;
  onAccount: (account: string | null) => void;
}

function Bars({ views, bucket, toScale, account, onBucket, onAccount }: BarsProps) {
  const longest = Math.max(...views.map(({ ledger }) => ledger.measuredMs), 1e-9);
  return (
    <fieldset class="ledger-bars" aria-label="Percentiles">
      {views.map(({ bucket: name, ledger, whole, says }) => (
        <div key={name} class={`ledger-bar${name === bucket ? ' chosen' : ''}`}>
          <button type="button" class="bucket" aria-pressed={name === bucket} onClick={() => onBucket(name)} title={says}>
            {name}
          </button>
          <StackedBar
            parts={whole.rows}
            totalMs={ledger.measuredMs}
            width={toScale ? ledger.measuredMs / longest : 1}
            picked={account}
            onPick={(picked) => {
              onBucket(name);
              onAccount(picked);
            }}
          />
          <span class="total">{wordMs(ledger.measuredMs)}</span>
        </div>
      ))}
    </fieldset>
  );
}

/** Accounts in one order for all percentiles, the largest of the slowest first, so that the same colour stands in the same place. */
function viewsOf(buckets: LedgerBuckets, count: number | undefined): BucketView[] {
  const present = BUCKETS.filter((bucket) => (buckets[bucket]?.measuredMs ?? 0) > 0);
  const views = present.map((bucket) => {
    const ledger = buckets[bucket]!;
    return { bucket, ledger, whole: viewLedger(ledger, 0), says: bucketWords(bucket, ledger.requests, count) };
  });
  const weight = new Map<string, number>();
  for (const { whole } of views) for (const row of whole.rows) weight.set(row.account, Math.max(weight.get(row.account) ?? 0, row.share));
  weight.set('unattributed', -1);
  for (const { whole } of views) whole.rows.sort((a, b) => weight.get(b.account)! - weight.get(a.account)!);
  return views;
}
