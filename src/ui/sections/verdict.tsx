import { bucketWords, requestCount, sickestLedger, viewLedger } from '../../model/ledger-view.js';
import { placeWords } from '../../model/place.js';
import type { Report } from '../../model/report.js';
import { exitWords, loadWords, runtimeWords } from '../../model/target-words.js';
import { wordCount, wordMs, wordRate, wordSeconds, wordShare } from '../../model/wording.js';
import { Scrollable } from '../parts/scrollable.js';
import { StackedBar } from '../parts/stacked-bar.js';
import { routeHref } from '../place.js';

export const VERDICTS: Record<Report['verdict'], { word: string; sign: string }> = {
  sick: { word: 'Sick', sign: '✗' },
  healthy: { word: 'Healthy', sign: '✓' },
  inconclusive: { word: 'Not enough to say', sign: '?' },
};

/** The answer in five seconds: the word, the sentence, the causes, the figures. */
export function Verdict({ report }: { report: Report }) {
  const { word, sign } = VERDICTS[report.verdict] ?? VERDICTS.inconclusive;
  const causes = report.findings.map((finding, index) => ({ finding, index })).filter(({ finding }) => finding.role === 'root-cause');
  return (
    <section id="verdict" class={`verdict ${report.verdict}`} aria-labelledby="verdict-title">
      <h1 id="verdict-title">
        <span class="sign" aria-hidden="true">
          {sign}
        </span>
        {word}
      </h1>
      <p class="summary long">{report.summary}</p>
      <Exit report={report} />
      {causes.length > 0 ? (
        <ul class="causes">
          {causes.slice(0, 5).map(({ finding, index }) => (
            <li key={index}>
              <a href={`#finding-${index + 1}`}>{finding.title}</a>
              {finding.location ? <code>{placeWords(finding.location)}</code> : null}
            </li>
          ))}
          {causes.length > 5 ? <li class="muted">and {causes.length - 5} more root causes</li> : null}
        </ul>
      ) : null}
      {report.verdict === 'healthy' ? null : <Picture report={report} />}
      <Figures report={report} />
      <p class="run muted">
        <code class="long">{report.target.command}</code>
        <span>{runtimeWords(report)}</span>
        <span>{loadWords(report)}</span>
        <span>{wordSeconds(report.window.durationS)}</span>
      </p>
    </section>
  );
}

/** The one bar that shows what the sentence says. */
function Picture({ report }: { report: Report }) {
  const sickest = sickestLedger(report);
  if (!sickest) return null;
  const { route, bucket, ledger } = sickest;
  return (
    <figure class="picture">
      <figcaption>
        <a class="long" href={routeHref(route)}>
          {route === 'overall' ? 'All routes' : route}
        </a>
        , {bucketWords(bucket, ledger.requests, requestCount(report, route))}: <strong>{wordMs(ledger.measuredMs)}</strong>
      </figcaption>
      <StackedBar parts={viewLedger(ledger).rows} totalMs={ledger.measuredMs} width={1} />
    </figure>
  );
}

/** The target's own last words, where it ended in failure. */
function Exit({ report }: { report: Report }) {
  const says = exitWords(report);
  const tail = report.target.exit?.stderrTail ?? [];
  if (says === null) return null;
  return (
    <figure class="exit">
      <figcaption>{says}</figcaption>
      {tail.length > 0 ? <Scrollable label="Last lines of the target's stderr">{tail.join('\n')}</Scrollable> : null}
    </figure>
  );
}

function Figures({ report }: { report: Report }) {
  const { requests } = report;
  const figures: [title: string, value: string, tone?: 'bad'][] = [
    ['requests', wordCount(requests.count)],
    ['per second', wordRate(requests.rps)],
    requests.errors > 0
      ? ['errors', `${wordCount(requests.errors)} (${wordShare(requests.errors / requests.count)})`, 'bad']
      : ['errors', '0'],
    ['p50', wordMs(requests.p50Ms)],
    ['p90', wordMs(requests.p90Ms)],
    ['p99', wordMs(requests.p99Ms)],
    ['max', wordMs(requests.maxMs)],
  ];
  const none = requests.count === 0;
  return (
    <dl class="figures">
      {figures.slice(0, none ? 1 : figures.length).map(([title, value, tone]) => (
        <div key={title} class={tone}>
          <dt>{title}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
