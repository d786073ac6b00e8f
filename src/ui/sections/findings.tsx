import { chainsOf, type Link } from '../../model/chain.js';
import type { Report } from '../../model/report.js';
import { wordMany } from '../../model/wording.js';
import { FindingCard } from '../parts/finding-card.js';
import { More } from '../parts/more.js';
import { Section } from '../parts/section.js';

/** Cards shown at once, per level. */
const MOST = 6;

/** Causes with what follows from each; what only contributes; then, apart, what rules on probation say. */
export function Findings({ report, markdown, current }: { report: Report; markdown: string[]; current: string }) {
  if (report.findings.length === 0 && report.nursery.length === 0) return null;
  const chains = chainsOf(report.findings);
  const main = chains.filter((link) => link.finding.role !== 'contributing');
  const minor = chains.filter((link) => link.finding.role === 'contributing');
  return (
    <Section id="findings" title="Findings">
      <Trees links={main} markdown={markdown} current={current} />
      {minor.length > 0 ? <h3 class="group">Contributing</h3> : null}
      <Trees links={minor} markdown={markdown} current={current} />
      {report.nursery.length > 0 ? (
        <div class="nursery">
          <More
            label={
              <>
                In the nursery{' '}
                <span class="muted">{wordMany(report.nursery.length, 'hint')} of rules still on probation; no verdict rests on them</span>
              </>
            }
          >
            {() =>
              report.nursery.map((finding, i) => (
                <FindingCard key={i} finding={finding} id={`nursery-${i + 1}`} number={null} markdown={null} current={false} />
              ))
            }
          </More>
        </div>
      ) : null}
    </Section>
  );
}

function Trees({ links, markdown, current }: { links: Link[]; markdown: string[]; current: string }) {
  const tree = (link: Link) => {
    const id = `finding-${link.index + 1}`;
    return (
      <FindingCard
        key={id}
        finding={link.finding}
        id={id}
        number={link.index + 1}
        markdown={markdown[link.index] ?? null}
        current={current === id}
      >
        {link.effects.length > 0 ? <Trees links={link.effects} markdown={markdown} current={current} /> : null}
      </FindingCard>
    );
  };
  // A deep link must find its card.
  const wanted = links.some((link, i) => i >= MOST && holds(link, current));
  const shown = wanted ? links.length : MOST;
  const rest = links.slice(shown);
  return (
    <>
      {links.slice(0, shown).map(tree)}
      {rest.length > 0 ? <More label={wordMany(rest.length, 'more finding')}>{() => rest.map(tree)}</More> : null}
    </>
  );
}

function holds(link: Link, id: string): boolean {
  return `finding-${link.index + 1}` === id || link.effects.some((effect) => holds(effect, id));
}
