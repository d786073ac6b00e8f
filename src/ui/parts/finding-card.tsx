import type { ComponentChildren } from 'preact';
import { costWords } from '../../model/cost.js';
import type { Finding } from '../../model/report.js';
import { wordValue } from '../../model/wording.js';
import { routeHref } from '../place.js';
import { CodeFrame } from './code-frame.js';
import { CopyButton } from './copy-button.js';
import { Dumbbell } from './dumbbell.js';
import { Scrollable } from './scrollable.js';

const ROLES: Record<Finding['role'], string> = {
  'root-cause': 'Root cause',
  consequence: 'Follows from this',
  contributing: 'Contributing',
};
const MOST_SUFFERERS = 8;

interface Props {
  finding: Finding;
  id: string;
  number: number | null;
  markdown: string | null;
  current: boolean;
  /** What follows from it. */
  children?: ComponentChildren;
}

export function FindingCard({ finding, id, number, markdown, current, children }: Props) {
  const cost = costWords(finding);
  return (
    <article id={id} class={`finding ${finding.role}${current ? ' current' : ''}`} aria-labelledby={`${id}-title`}>
      <header>
        <p class="role">
          {ROLES[finding.role] ?? finding.role}
          <span class="muted"> · confidence {Number.isFinite(finding.confidence) ? finding.confidence.toFixed(2) : '–'}</span>
        </p>
        <h3 id={`${id}-title`}>
          <a href={`#${id}`}>{finding.title}</a>
        </h3>
        <p class="about">
          <code>{finding.rule}</code>
          {finding.kind === undefined ? null : <code>{finding.kind}</code>}
          <span>{cost}</span>
          {finding.route === undefined ? null : (
            <a class="long" href={routeHref(finding.route)}>
              {finding.route}
            </a>
          )}
        </p>
      </header>
      <p class="summary long">{finding.summary}</p>
      {finding.location ? <CodeFrame location={finding.location} cost={cost} /> : null}
      <Evidence finding={finding} />
      <Sufferers routes={finding.suffers ?? []} />
      <Fixes finding={finding} />
      {number === null ? null : (
        <footer>
          {markdown === null ? null : <CopyButton text={markdown} label="Copy as Markdown" />}
          <span class="muted">
            <code>ddx explain {finding.rule}</code>
          </span>
        </footer>
      )}
      {children}
    </article>
  );
}

function Evidence({ finding }: { finding: Finding }) {
  if (finding.evidence.length === 0) return null;
  return (
    <>
      <h4>Evidence</h4>
      <ul class="evidence">
        {finding.evidence.map((evidence) => (
          <li key={evidence.signal + evidence.says}>
            <span class="says long">{evidence.says}</span>
            <span class="measured" title={evidence.signal}>
              <strong>{wordValue(evidence.value, evidence.unit)}</strong>
              {evidence.threshold === undefined ? null : <span class="muted"> limit {wordValue(evidence.threshold, evidence.unit)}</span>}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Sufferers({ routes }: { routes: string[] }) {
  if (routes.length === 0) return null;
  return (
    <p class="sufferers">
      <span class="muted">Suffers from it</span>
      {routes.slice(0, MOST_SUFFERERS).map((route) => (
        <a key={route} class="chip long" href={routeHref(route)}>
          {route}
        </a>
      ))}
      {routes.length > MOST_SUFFERERS ? <span class="muted">and {routes.length - MOST_SUFFERERS} more</span> : null}
    </p>
  );
}

function Fixes({ finding }: { finding: Finding }) {
  if (finding.fixes.length === 0) return null;
  return (
    <>
      <h4>{finding.fixes.length === 1 ? 'Fix' : 'Fixes'}</h4>
      <ol class="fixes">
        {finding.fixes.map((fix) => (
          <li key={fix.says}>
            <p class="long">{fix.says}</p>
            {fix.code ? (
              <div class="fix-code">
                <Scrollable label="Code of the fix">{fix.code}</Scrollable>
                <CopyButton text={fix.code} label="Copy" />
              </div>
            ) : null}
            {fix.prediction ? <Dumbbell prediction={fix.prediction} /> : null}
          </li>
        ))}
      </ol>
    </>
  );
}
