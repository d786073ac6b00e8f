import type { Contrast as ContrastReport, Report } from '../../model/report.js';
import { wordCount, wordMany, wordMs, wordShare } from '../../model/wording.js';

/** What the slowest requests have in common and the others have not. */
export function Contrast({ report }: { report: Report }) {
  const { contrast } = report;
  if (!contrast || contrast.attributes.length === 0) return null;
  return (
    <div class="contrast">
      <h3>The slowest against the rest</h3>
      <p class="muted">
        {wordMany(contrast.slow, 'request')} of {wordMs(contrast.fromMs)} or more, beside {wordCount(contrast.rest)} others of{' '}
        {wordMs(contrast.restP50Ms)} at the median: what differs most.
      </p>
      <Attributes contrast={contrast} />
    </div>
  );
}

function Attributes({ contrast }: { contrast: ContrastReport }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Attribute</th>
          <th scope="col">of the slowest</th>
          <th scope="col">of the rest</th>
        </tr>
      </thead>
      <tbody>
        {contrast.attributes.map(({ is, value, slowShare, restShare }) => (
          <tr key={is + value}>
            <th scope="row">
              {is}
              {value === 'yes' ? null : <code class="long">{value}</code>}
            </th>
            <Share share={slowShare} tone="slow" />
            <Share share={restShare} tone="rest" />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Share({ share, tone }: { share: number; tone: 'slow' | 'rest' }) {
  return (
    <td class="share">
      <span class="track" aria-hidden="true">
        <span class={tone} style={{ width: `${share * 100}%` }} />
      </span>
      <span class="value">{wordShare(share)}</span>
    </td>
  );
}
