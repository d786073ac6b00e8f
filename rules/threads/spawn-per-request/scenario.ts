import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';

const CAUSES = { 'call-program': callProgram, 'fork-helper': forkHelper, 'through-shell': throughShell };

export const scenario: Scenario = {
  id: 'threads/spawn-per-request',
  rule: 'threads/spawn-per-request',
  title: 'Each request starts a process, and waits for it to start, to load and to end',
  needs: [],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const cause = draw.inTurn(Object.values(CAUSES));
    return ordinaryApp(draw, folder, cause(draw, folder, sick), { ratePerS: draw.int(18, 24), warmupS: 2, durationS: 8 });
  },
};

/** A small program of another team's, called for each checksum. */
function callProgram(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['checksum', 'labels', 'codes'])}`;
  const handler = `${draw.pick(['checksum', 'code', 'label'])}Of${capital(item)}`;
  const code = draw.pick(['codeOf', 'checkDigit', 'labelFor']);
  const program = 'let n = 7; for (const c of process.argv[1]) n = (n * 31 + c.charCodeAt(0)) % 9973; console.log(n)';
  const called = js`
    const program = ${JSON.stringify(program).replaceAll('"', "'")};

    async function ${code}(text«: string») {
      const { stdout } = await run(process.execPath, ['-e', program, text]);
      return Number(stdout);
    }
  `;
  const inside = js`
    async function ${code}(text«: string») {
      let n = 7;
      for (const c of text) n = (n * 31 + c.charCodeAt(0)) % 9973;
      return n;
    }
  `;
  const source = js`
    ${sick ? "import { execFile } from 'node:child_process';" : ''}
    ${sick ? "import { promisify } from 'node:util';" : ''}

    ${sick ? 'const run = promisify(execFile);' : ''}

    //@cause{
    ${(sick ? called : inside).trimEnd()}

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      return { id: params.id, code: await ${code}('${item}-' + params.id) };
    }
    //@cause}
  `;
  const path = `/${items}/:id/${draw.pick(['code', 'checksum', 'label'])}`;
  return getRoute(file, source, { path, handler, weight: 3, examples: withIds(path, [3, 19, 77]) });
}

/** A helper process that is forked, asked once and ended; the healthy one stays. */
function forkHelper(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const name = draw.pick(['pricing', 'scoring', 'rendering']);
  const file = `${folder}/${name}`;
  const handler = `${draw.pick(['price', 'score', 'render'])}${capital(item)}`;
  const ask = draw.pick(['ask', 'inHelper', 'compute']);
  const start = `fork(path.join(import.meta.dirname, '${name}-helper.mjs'), { execArgv: [] })`;
  const once_ = js`
    async function ${ask}(id«: number») {
      const helper = ${start};
      helper.send(id);
      const [answer] = await once(helper, 'message');
      helper.disconnect();
      return answer;
    }
  `;
  const kept = js`
    const helper = ${start};
    let last«: Promise<unknown>» = Promise.resolve();

    function ${ask}(id«: number») {
      const answer = last.then(async () => {
        helper.send(id);
        return (await once(helper, 'message'))[0];
      });
      last = answer;
      return answer;
    }
  `;
  const source = js`
    import { fork } from 'node:child_process';
    import { once } from 'node:events';
    import path from 'node:path';

    //@cause{
    ${(sick ? once_ : kept).trimEnd()}

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      return { id: params.id, ${item}: await ${ask}(Number(params.id)) };
    }
    //@cause}
  `;
  const helper = "process.on('message', (id) => process.send((id * 7919) % 10007));\n";
  const path = `/${items}/:id/${draw.pick(['price', 'score', 'sheet'])}`;
  const piece = getRoute(file, source, { path, handler, weight: 3, examples: withIds(path, [5, 23, 64]) });
  return { ...piece, modules: [...piece.modules], files: { [`${file}-helper.mjs`]: helper } };
}

/** A pipeline of the shell where a few lines would do. */
function throughShell(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items, events } = draw.theme;
  const file = `${folder}/${draw.pick(['top', 'ranking', 'tail'])}`;
  const handler = `${draw.pick(['top', 'latest', 'last'])}${capital(events)}`;
  const rows = draw.int(40_000, 60_000);
  const shown = sick
    ? "const { stdout } = await run(`grep ';${Number(params.id) % 10};' ${source} | sort -r | head -5`);\n      const rows = stdout.trim().split('\\n');"
    : 'const rows = byKind[Number(params.id) % 10];';
  const source = js`
    ${sick ? "import { exec } from 'node:child_process';" : ''}
    ${sick ? "import { writeFileSync } from 'node:fs';" : ''}
    ${sick ? "import path from 'node:path';" : ''}
    ${sick ? "import { promisify } from 'node:util';" : ''}

    const lines = Array.from({ length: ${rows} }, (_, i) => \`\${(i * 7919) % 100003};\${i % 10};${item}\`);
    ${sick ? 'const run = promisify(exec);' : ''}
    ${sick ? `const source = path.join(import.meta.dirname, '${events}.csv');\nwriteFileSync(source, lines.join('\\n'));` : ''}
    ${sick ? '' : 'const byKind = Array.from({ length: 10 }, (_, kind) => lines.filter((line) => line.includes(`;${kind};`)).sort().reverse().slice(0, 5));'}

    //@cause{
    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      ${shown}
      return { kind: params.id, rows };
    }
    //@cause}
  `;
  const path = `/${items}/kinds/:id/${draw.pick(['top', 'latest'])}`;
  return getRoute(file, source, { path, handler, weight: 3, examples: withIds(path, [1, 4, 8]) });
}
