import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { checkCodes, oneThread, packDocuments, pageReader, readDevices, wrapKeys } from './causes.js';

const CAUSES = {
  'check-codes': checkCodes,
  'pack-documents': packDocuments,
  'one-thread': oneThread,
  'wrap-keys': wrapKeys,
  'read-devices': readDevices,
};

export const scenario: Scenario = {
  id: 'threads/pool-starvation',
  rule: 'threads/pool-starvation',
  title: "libuv's few threads are full, and a trivial file read waits behind key derivation",
  needs: ['mkfifo'],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const victim = pageReader(draw, folder);
    const cause = draw.inTurn(Object.values(CAUSES))(draw, folder, sick);
    const piece = { ...cause, modules: [...victim.modules, ...cause.modules], routes: [...victim.routes, ...cause.routes] };
    const load = { ratePerS: draw.int(36, 46), warmupS: 2, durationS: 9 };
    return ordinaryApp(draw, folder, { ...piece, files: { ...victim.files, ...cause.files } }, load);
  },
};
