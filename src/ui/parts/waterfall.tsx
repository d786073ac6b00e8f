import { ACCOUNT_NAMES } from '../../model/account-names.js';
import type { Exemplar } from '../../model/report.js';
import { wordMany, wordMs } from '../../model/wording.js';
import { accountClass, Swatch } from './stacked-bar.js';

type Lane = NonNullable<Exemplar['lanes']>[number];

/** Whose doing it is that others hold the thread: drawn as a background to what the request does itself. */
const OTHERS: ReadonlySet<string> = new Set(['js/other', 'js/runtime', 'js/gc']);

/** What went on while one request lasted, each on its own line, all on one scale. */
export function Waterfall({ lanes, wallMs }: { lanes: readonly Lane[]; wallMs: number }) {
  const own = lanes.filter(({ account }) => !OTHERS.has(account));
  const others = lanes.filter(({ account }) => OTHERS.has(account));
  return (
    <table class="waterfall">
      <caption>What went on meanwhile, from 0 to {wordMs(wallMs)}. Lines overlap; the accounts below add up.</caption>
      <colgroup>
        <col class="what" />
        <col />
        <col class="long-time" />
      </colgroup>
      <Lines title="This request" lanes={own} wallMs={wallMs} />
      <Lines title="Who held the main thread meanwhile" lanes={others} wallMs={wallMs} />
    </table>
  );
}

function Lines({ title, lanes, wallMs }: { title: string; lanes: readonly Lane[]; wallMs: number }) {
  if (lanes.length === 0) return null;
  return (
    <tbody>
      <tr>
        <th colSpan={3} scope="rowgroup" class="group">
          {title}
        </th>
      </tr>
      {lanes.map(({ account, detail, spans }) => (
        <tr key={account + detail}>
          <th scope="row">
            <span class="account">
              <Swatch account={account} />
              <span class="name">
                {ACCOUNT_NAMES[account] ?? account}
                {detail === undefined ? null : <span class="detail long">{detail}</span>}
              </span>
            </span>
          </th>
          <td class="track">
            <div role="img" aria-label={wordsOf(spans)} title={wordsOf(spans)}>
              {spans.map(([fromMs, forMs]) => (
                <span
                  key={fromMs}
                  class={`span ${accountClass(account)}`}
                  style={{ left: `${(fromMs / wallMs) * 100}%`, width: `${(forMs / wallMs) * 100}%` }}
                />
              ))}
            </div>
          </td>
          <td>{wordMs(spans.reduce((sum, [, forMs]) => sum + forMs, 0))}</td>
        </tr>
      ))}
    </tbody>
  );
}

function wordsOf(spans: Lane['spans']): string {
  const [fromMs, forMs] = spans[0]!;
  const first = `from ${wordMs(fromMs)} for ${wordMs(forMs)}`;
  return spans.length === 1 ? first : `${wordMany(spans.length, 'stretch', 'stretches')}, the first ${first}`;
}
