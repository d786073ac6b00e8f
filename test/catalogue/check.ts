import { isHealthy, type RuleFolder } from '../../scripts/catalogue.js';

const PARTS = ['rule.ts', 'scenario.ts', 'explain.md', 'rule.test.ts', 'golden'];
export const HEADINGS = ['What you see', 'Why it happens', 'How ddx knows', 'What it is not', 'Fix', 'Try it', 'Read'];

/** What is missing or at odds in the rule folders, a sentence each. Empty where all is as it should be. */
export function complaints(folders: readonly RuleFolder[]): string[] {
  const ids = new Set(folders.filter((folder) => !isHealthy(folder)).map(({ id }) => id));
  return folders.flatMap((folder) =>
    isHealthy(folder) ? healthy(folder) : [...parts(folder), ...relations(folder, ids), ...page(folder)],
  );
}

function healthy({ id, rule, scenario }: RuleFolder): string[] {
  return [
    ...(rule ? [`${id} is a healthy server and must have no rule.ts`] : []),
    ...(scenario ? [] : [`${id} lacks scenario.ts`]),
    ...(scenario && scenario.id !== id ? [`${id}/scenario.ts calls itself ${scenario.id}`] : []),
    ...(scenario && scenario.rule !== null ? [`${id}/scenario.ts is healthy and must not name the rule ${scenario.rule}`] : []),
  ];
}

function parts({ id, entries, golden, rule, scenario }: RuleFolder): string[] {
  const recordings = rule?.stage === 'stable' ? ['sick.ddx', 'healthy.ddx'] : [];
  return [
    ...recordings.filter((file) => !golden.includes(file)).map((file) => `${id} is stable and lacks golden/${file}`),
    ...PARTS.filter((part) => !entries.includes(part)).map((part) => `${id} lacks ${part}`),
    ...(rule && rule.id !== id ? [`${id}/rule.ts calls itself ${rule.id}`] : []),
    ...(scenario && (scenario.id !== id || scenario.rule !== id)
      ? [`${id}/scenario.ts belongs to ${scenario.id}, rule ${scenario.rule}`]
      : []),
  ];
}

function relations({ id, rule }: RuleFolder, ids: ReadonlySet<string>): string[] {
  if (!rule) return [];
  const named = [...rule.mimics, ...rule.causes, ...(rule.causedBy ?? [])];
  return [
    ...named.filter((other) => !ids.has(other)).map((other) => `${id} names ${other}, which does not exist`),
    ...named.filter((other) => other === id).map(() => `${id} names itself`),
  ];
}

function page({ id, explain }: RuleFolder): string[] {
  if (explain === null) return [];
  const sections = sectionsOf(explain);
  const headings = sections.map(({ heading }) => heading);
  return [
    ...(explain.startsWith('# ') ? [] : [`${id}/explain.md does not begin with its title`]),
    ...(headings.join('\n') === HEADINGS.join('\n')
      ? []
      : [`${id}/explain.md has the headings ${headings.join(', ')}; expected ${HEADINGS.join(', ')}`]),
    ...sections.filter(({ text }) => text.trim() === '').map(({ heading }) => `${id}/explain.md says nothing under "${heading}"`),
  ];
}

/** Second-level headings with what stands below them; a line of a code block is no heading. */
function sectionsOf(markdown: string): { heading: string; text: string }[] {
  const sections: { heading: string; text: string }[] = [];
  let isCode = false;
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode;
    if (!isCode && line.startsWith('## ')) sections.push({ heading: line.slice(3).trim(), text: '' });
    else if (sections.length > 0) sections.at(-1)!.text += line;
  }
  return sections;
}
