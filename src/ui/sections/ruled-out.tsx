import type { Report } from '../../model/report.js';
import { Section } from '../parts/section.js';

const OPEN_UP_TO = 12;

/** What it is not, each with the number that says so. */
export function RuledOut({ report }: { report: Report }) {
  if (report.ruledOut.length === 0) return null;
  return (
    <Section id="ruled-out" title="Ruled out" note={`${report.ruledOut.length} conditions, each by a measured number`}>
      <Folding rows={report.ruledOut.map(({ rule, because }) => ({ rule, because, enable: undefined }))} />
    </Section>
  );
}

/** What could not be judged, and what would make it judgeable. */
export function NotExamined({ report }: { report: Report }) {
  if (report.notExamined.length === 0) return null;
  return (
    <Section id="not-examined" title="Not examined" note="silence here means nothing">
      <Folding rows={report.notExamined.map(({ rule, because, enable }) => ({ rule, because, enable }))} />
    </Section>
  );
}

interface Row {
  rule: string;
  because: string;
  enable: string | undefined;
}

function Folding({ rows }: { rows: Row[] }) {
  const rest = rows.slice(OPEN_UP_TO);
  return (
    <>
      <List rows={rows.slice(0, OPEN_UP_TO)} />
      {rest.length > 0 ? (
        <details>
          <summary>{rest.length} more</summary>
          <List rows={rest} />
        </details>
      ) : null}
    </>
  );
}

function List({ rows }: { rows: Row[] }) {
  return (
    <dl class="reasons">
      {rows.map(({ rule, because, enable }) => (
        <div key={rule}>
          <dt>
            <code>{rule}</code>
          </dt>
          <dd>
            {because}
            {enable === undefined ? null : <span class="enable">{enable}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
