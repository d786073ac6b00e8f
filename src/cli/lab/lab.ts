import { DdxError } from '../../errors.js';
import type { Arguments } from '../arguments.js';
import { lesson } from './lesson.js';
import { list } from './list.js';
import { score } from './score.js';

/** `ddx lab [list | <rule> | score]`. Returns the exit code. */
export async function lab(args: Arguments): Promise<number> {
  const [what, ...more] = args.words;
  if (more.length > 0)
    throw new DdxError('DDX_USAGE', `lab takes one word, but got ${args.words.join(' ')}.`, 'ddx lab list shows what there is.');
  if (what === undefined || what === 'list') return list(args);
  return what === 'score' ? score(args) : lesson(args, what);
}
