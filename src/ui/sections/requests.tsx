import { useState } from 'preact/hooks';
import { viewLedger } from '../../model/ledger-view.js';
import type { Exemplar, Report } from '../../model/report.js';
import { wordFixed, wordMs } from '../../model/wording.js';
import { Section } from '../parts/section.js';
import { StackedBar, Swatch } from '../parts/stacked-bar.js';
import { Waterfall } from '../parts/waterfall.js';
import { requestHref } from '../place.js';

const MOST = 60;

/** Single requests that were really seen, on one time scale. */
export function Requests({ report, current }: { report: Report; current: string | null }) {
  if (report.exemplars.length === 0) return null;
  const sorted = [...report.exemplars].sort((a, b) => b.wallMs - a.wallMs);
  const shown = sorted.slice(0, MOST);
  const longest = Math.max(...sorted.map(({ wallMs }) => wallMs), 1e-9);
  return (
    <Section id="requests" title="Single requests" note={`${shown.length} of those seen, on one scale`}>
      <div class="exemplars">
        {shown.map((exemplar) => (
          <Row key={exemplar.id} exemplar={exemplar} longest={longest} open={exemplar.id === current} />
        ))}
      </div>
    </Section>
  );
}

function Row({ exemplar, longest, open }: { exemplar: Exemplar; longest: number; open: boolean }) {
  // Built when it is asked for: there may be thousands of spans.
  const [shown, setShown] = useState(open);
  const unattributedMs = exemplar.accounts.find(({ account }) => account === 'unattributed')?.ms ?? 0;
  const view = viewLedger({ requests: 1, measuredMs: exemplar.wallMs, accounts: exemplar.accounts, unattributedMs, estimatedMs: 0 }, 0);
  return (
    <details
      id={`request-${exemplar.id}`}
      open={open}
      class={open ? 'current' : ''}
      onToggle={(event) => setShown(event.currentTarget.open)}
    >
      <summary>
        <span class="who">
          <span class={`status ${exemplar.status >= 500 || exemplar.status === 0 ? 'bad' : ''}`}>{exemplar.status || 'none'}</span>
          <span class="route long">{exemplar.route}</span>
          <span class="muted">
            {exemplar.why}, at {exemplar.startS.toFixed(1)} s
          </span>
        </span>
        <StackedBar parts={view.rows} totalMs={exemplar.wallMs} width={exemplar.wallMs / longest} />
        <span class="total">{wordMs(exemplar.wallMs)}</span>
      </summary>
      {shown && exemplar.lanes && exemplar.lanes.length > 0 ? <Waterfall lanes={exemplar.lanes} wallMs={exemplar.wallMs} /> : null}
      <table class="accounts">
        <tbody>
          {view.rows.map((row) => (
            <tr key={row.account}>
              <th scope="row">
                <span class="account">
                  <Swatch account={row.account} />
                  <span class="name">
                    {row.name}
                    {row.details[0] ? <span class="detail long">{row.details[0].text}</span> : null}
                  </span>
                </span>
              </th>
              <td data-units={row.units}>{wordFixed(row.units, view.decimals)} ms</td>
              <td class="percent">{row.percent} %</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">
              <a href={requestHref(exemplar.id)}>request {exemplar.id}</a>
            </th>
            <td data-total={view.units}>{wordFixed(view.units, view.decimals)} ms</td>
            <td class="percent">{view.closes ? '100 %' : ''}</td>
          </tr>
        </tfoot>
      </table>
    </details>
  );
}
