/** The files of a new rule, by name. They compile, pass the catalogue's checks and judge nothing yet. `id`: "area/name". */
export function ruleSkeleton(id: string): Record<string, string> {
  const title = capital(id.split('/')[1]!.replaceAll('-', ' '));
  return {
    'rule.ts': rule(id, title),
    'rule.test.ts': test(id),
    'scenario.ts': scenario(id),
    'explain.md': explain(title),
    'golden/.gitkeep': '',
  };
}

function rule(id: string, title: string): string {
  return `import { window } from '../../../src/facts/window.js';
import type { Rule } from '../../../src/model/rule.js';

export const rule: Rule = {
  id: '${id}',
  title: '${title}',
  stage: 'nursery',
  mimics: [],
  causes: [],
  needs: [window],
  judge(get) {
    get(window);
    return { is: 'not-examined', because: 'this rule is not written yet' };
  },
};
`;
}

function test(id: string): string {
  return `import { describe, expect, it } from 'vitest';
import { factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

describe('${id}', () => {
  it('does not judge yet', () => {
    expect(rule.judge(factsOf(given(window, tenSeconds())))).toMatchObject({ is: 'not-examined' });
  });
});
`;
}

function scenario(id: string): string {
  return `import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';

export const scenario: Scenario = {
  id: '${id}',
  rule: '${id}',
  title: 'One sentence: what the server does that it should not',
  needs: [],
  causes: ['first-cause'],
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(30, 60), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, firstCause(draw, folder, sick), load);
  },
};

/** The smallest diff a developer would make: everything is drawn before \`sick\` is looked at. */
function firstCause(draw: Draw, folder: string, sick: boolean): Piece {
  const { items } = draw.theme;
  const file = \`\${folder}/\${draw.pick(['total', 'sum', 'count'])}\`;
  const handler = \`count\${capital(items)}\`;
  const path = \`/\${items}/count\`;
  const source = js\`
    import { \${items} } from './store';

    export async function \${handler}() {
      return { count: \${sick ? \`\${items}.filter(() => true).length\` : \`\${items}.length\`} }; //@cause
    }
  \`;
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight: 4, examples: [path] }] };
}
`;
}

function explain(title: string): string {
  return `# ${title}

## What you see

The symptom, as somebody meets it who does not know the cause yet.

## Why it happens

The mechanism, down to the kernel or the runtime where it matters.

## How ddx knows

What is measured, the thresholds with their source, and what must be ruled out first.

## What it is not

- Each rule that it \`mimics\`: how the two are told apart.

## Fix

\`\`\`js
// before

// after
\`\`\`

## Try it

\`\`\`sh
npx ddx run --rate 50 --for 10s -- node server.js
\`\`\`

## Read

- The kernel file, paper, book or issue that says more.
`;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
