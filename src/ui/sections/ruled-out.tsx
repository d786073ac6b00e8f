import type { Report } from '../../model/report.js';
import { More } from '../parts/more.js';
import { Section } from '../parts/section.js';

const OPEN_UP_TO = 12;

/** What it is not, each with the number that says so. */
export function RuledOut({ report }: { report: Report }) {
  if (report.ruledOut.length === 0) return null;
  return (
    <Section id="ruled-out" title="Ruled out" note={`${report.ruledOut.length} conditions, each by a measured number`}>
      <Folding rows={report.ruledOut.map(({ rule, because }) => ({ rules: [rule], because, enable: undefined }))} />
    </Section>
  );
}

/** What could not be judged, and what would make it judgeable; a reason that many share is said once. */
export function NotExamined({ report }: { report: Report }) {
  if (report.notExamined.length === 0) return null;
  const rows = new Map<string, Row>();
  for (const { rule, because, enable } of report.notExamined) {
    const key = `${because}\n${enable ?? ''}`;
    const row = rows.get(key);
    if (row) row.rules.push(rule);
    else rows.set(key, { rules: [rule], because, enable });
  }
  return (
    <Section id="not-examined" title="Not examined" note="silence here means nothing">
      <Folding rows={[...rows.values()]} />
    </Section>
  );
}

interface Row {
  rules: string[];
  because: string;
  enable: string | undefined;
}

function Folding({ rows }: { rows: Row[] }) {
  const rest = rows.slice(OPEN_UP_TO);
  return (
    <>
      <List rows={rows.slice(0, OPEN_UP_TO)} />
      {rest.length > 0 ? <More label={`${rest.length} more`}>{() => <List rows={rest} />}</More> : null}
    </>
  );
}

function List({ rows }: { rows: Row[] }) {
  return (
    <dl class="reasons">
      {rows.map(({ rules, because, enable }) => (
        <div key={rules.join()}>
          <dt>
            {rules.map((rule) => (
              <code key={rule}>{rule}</code>
            ))}
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
