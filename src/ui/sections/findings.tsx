import { chainsOf, type Link } from '../../model/chain.js';
import type { Report } from '../../model/report.js';
import { FindingCard } from '../parts/finding-card.js';
import { Section } from '../parts/section.js';

/** Causes with what follows from each; what only contributes; then, apart, what rules on probation say. */
export function Findings({ report, markdown, current }: { report: Report; markdown: string[]; current: string }) {
  if (report.findings.length === 0 && report.nursery.length === 0) return null;
  const chains = chainsOf(report.findings);
  const main = chains.filter((link) => link.finding.role !== 'contributing');
  const minor = chains.filter((link) => link.finding.role === 'contributing');
  const tree = (link: Link) => <Tree key={link.index} link={link} markdown={markdown} current={current} />;
  return (
    <Section id="findings" title="Findings">
      {main.map(tree)}
      {minor.length > 0 ? <h3 class="group">Contributing</h3> : null}
      {minor.map(tree)}
      {report.nursery.length > 0 ? (
        <details class="nursery">
          <summary>
            In the nursery <span class="muted">{report.nursery.length} hints of rules still on probation; they change no verdict</span>
          </summary>
          {report.nursery.map((finding, i) => (
            <FindingCard key={i} finding={finding} id={`nursery-${i + 1}`} number={null} markdown={null} current={false} />
          ))}
        </details>
      ) : null}
    </Section>
  );
}

function Tree({ link, markdown, current }: { link: Link; markdown: string[]; current: string }) {
  const id = `finding-${link.index + 1}`;
  return (
    <FindingCard finding={link.finding} id={id} number={link.index + 1} markdown={markdown[link.index] ?? null} current={current === id}>
      {link.effects.map((effect) => (
        <Tree key={effect.index} link={effect} markdown={markdown} current={current} />
      ))}
    </FindingCard>
  );
}
