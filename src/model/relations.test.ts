import { describe, expect, it } from 'vitest';
import { withRelations } from './relations.js';
import type { Rule } from './rule.js';
import type { RuleId } from './units.js';

const rule = (id: RuleId, relations: Partial<Pick<Rule, 'mimics' | 'causes' | 'causedBy'>> = {}): Rule => ({
  id,
  title: id,
  stage: 'nursery',
  mimics: [],
  causes: [],
  needs: [],
  judge: () => ({ is: 'not-examined', because: '' }),
  ...relations,
});

describe('relations named by one rule', () => {
  it('hold for the other one too', () => {
    const [old, added] = withRelations([
      rule('cpu/old', { causes: ['cpu/other'] }),
      rule('cpu/new', { mimics: ['cpu/old'], causedBy: ['cpu/old'] }),
    ]);
    expect(old).toMatchObject({ mimics: ['cpu/new'], causes: ['cpu/other', 'cpu/new'] });
    expect(added).toMatchObject({ mimics: ['cpu/old'], causes: [] });
  });
  it('are there once where both name them', () => {
    const [a] = withRelations([
      rule('cpu/a', { mimics: ['cpu/b'], causes: ['cpu/b'] }),
      rule('cpu/b', { mimics: ['cpu/a'], causedBy: ['cpu/a'] }),
    ]);
    expect(a).toMatchObject({ mimics: ['cpu/b'], causes: ['cpu/b'] });
  });
});
