import { ACCOUNT_NAMES } from '../../model/account-names.js';
import type { AccountId } from '../../model/ledger.js';
import type { LedgerRow } from '../../model/ledger-view.js';
import { viewLedger } from '../../model/ledger-view.js';
import { wordFixed, wordMs } from '../../model/wording.js';
import { Swatch } from '../parts/stacked-bar.js';
import type { BucketView } from './ledger.js';

/** Accounts of one percentile with their sum: the legend of the bars, and the way to an account's detail. */
export function AccountList({
  view,
  account,
  onAccount,
}: {
  view: BucketView;
  account: string | null;
  onAccount: (account: string) => void;
}) {
  const { rows, units, decimals, closes } = viewLedger(view.ledger);
  return (
    <table class="accounts" data-bucket={view.bucket}>
      <caption>{view.says}</caption>
      <tbody>
        {rows.map((row) => (
          <tr key={row.account} class={row.account === account ? 'chosen' : ''}>
            <th scope="row">
              <span class="account">
                <Swatch account={row.account} />
                <Name row={row} account={account} onAccount={onAccount} />
              </span>
            </th>
            <td data-units={row.units}>{wordFixed(row.units, decimals)} ms</td>
            <td class="percent" data-percent={row.percent}>
              {row.percent} %
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{closes ? '✓ adds up to the measured' : '✗ does not add up to the measured'}</th>
          <td data-total={units}>{wordFixed(units, decimals)} ms</td>
          <td class="percent">{closes ? '100 %' : ''}</td>
        </tr>
        {view.ledger.estimatedMs > 0 ? (
          <tr class="muted">
            <td colSpan={3}>{wordMs(view.ledger.estimatedMs)} of it split by estimate</td>
          </tr>
        ) : null}
      </tfoot>
    </table>
  );
}

function Name({ row, account, onAccount }: { row: LedgerRow; account: string | null; onAccount: (account: string) => void }) {
  if (row.account === 'smaller') return <span>{row.name}</span>;
  const first = row.details[0];
  return (
    <span class="name">
      <button type="button" class="link" aria-expanded={row.account === account} onClick={() => onAccount(row.account)}>
        {row.name}
      </button>
      {first && row.share >= 0.1 ? <span class="detail long">{first.text}</span> : null}
    </span>
  );
}

/** Every account at every percentile. Each column adds up to its last line. */
export function LedgerTable({ views }: { views: BucketView[] }) {
  const accounts = [...new Set(views.flatMap(({ whole }) => whole.rows.map((row) => row.account as AccountId)))];
  accounts.sort((a, b) => Number(a === 'unattributed') - Number(b === 'unattributed'));
  return (
    <div class="scroll">
      <table class="ledger-table">
        <thead>
          <tr>
            <th scope="col">Account</th>
            {views.map(({ bucket, says }) => (
              <th scope="col" key={bucket} title={says}>
                {bucket} (ms)
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {accounts.map((account) => (
            <tr key={account}>
              <th scope="row">
                <Swatch account={account} />
                {ACCOUNT_NAMES[account] ?? account}
              </th>
              {views.map(({ bucket, whole }) => {
                const row = whole.rows.find((candidate) => candidate.account === account);
                return (
                  <td key={bucket} data-bucket={bucket} data-units={row?.units ?? 0}>
                    {row ? wordFixed(row.units, whole.decimals) : '–'}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">measured</th>
            {views.map(({ bucket, whole }) => (
              <td key={bucket} data-bucket={bucket} data-total={whole.units}>
                {wordFixed(whole.units, whole.decimals)}
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
