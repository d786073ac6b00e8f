import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DdxError } from '../errors.js';
import { distance, parseArguments } from './arguments.js';
import { COMMANDS, OPTIONS } from './options.js';

const refusal = (argv: string[]): DdxError => {
  try {
    parseArguments(argv);
  } catch (error) {
    if (error instanceof DdxError) return error;
    throw error;
  }
  throw new Error(`${argv.join(' ')} was understood`);
};

describe('parseArguments', () => {
  it('leaves everything behind "--" alone, whatever it looks like', () => {
    const args = parseArguments(['run', '--rate', '50', '--json', '--', 'node', '--inspect', 'x.js', '--', '--rate', 'none']);
    expect(args.rest).toEqual(['node', '--inspect', 'x.js', '--', '--rate', 'none']);
    expect(args.get('rate')).toBe(50);
    expect(args.given('json')).toBe(true);
    expect(args.given('out')).toBe(false);
  });

  it('takes a value behind a space or an equals sign, and repeats what may be repeated', () => {
    const args = parseArguments(['run', '--path=/a?b=c', '--path', 'POST /x {"a":1}', '--for=2m', '--output', 'html=a=b.html']);
    expect(args.all('path')).toEqual(['/a?b=c', 'POST /x {"a":1}']);
    expect(args.get('for')).toBe(120_000);
    expect(args.all('output')).toEqual([{ kind: 'html', path: 'a=b.html' }]);
  });

  it.each([
    [['run', '--rate', '5', '--rate', '6'], /twice/],
    [['run', '--json=yes'], /takes no value/],
    [['run', '--out'], /needs a value/],
    [['run', '--out', '--json'], /needs a value/],
    [['run', '-x'], /no option -x/],
    [['show', '--rate', '5'], /show has no option --rate/],
    [[], /no command ""/],
  ])('refuses %j', (argv, message) => {
    expect(refusal(argv).message).toMatch(message);
    expect(refusal(argv).exitCode).toBe(2);
  });

  it('suggests what was probably meant, and nothing where nothing is near', () => {
    expect(refusal(['run', '--conections', '5']).next).toContain('Did you mean --connections?');
    expect(refusal(['shwo']).next).toContain('Did you mean show?');
    expect(refusal(['run', '--frobnicate']).next).not.toContain('Did you mean');
  });

  it('understands or refuses any words, and fails in no other way', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('--', ...OPTIONS.map(({ name }) => `--${name}`)),
      fc.constantFrom('5', '1s', 'html=x'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...COMMANDS.map(({ name }) => name)), fc.array(word), (command, words) => {
        try {
          parseArguments([command, ...words]);
        } catch (error) {
          expect(error).toBeInstanceOf(DdxError);
        }
      }),
    );
  });
});

describe('distance', () => {
  it.each([
    ['show', 'show', 0],
    ['shwo', 'show', 1],
    ['rat', 'rate', 1],
    ['', 'run', 3],
    ['kitten', 'sitting', 3],
  ])('%s to %s: %d', (a, b, edits) => {
    expect(distance(a, b)).toBe(edits);
  });

  it('is the same both ways, and at most the longer word', () => {
    const short = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(short, short, (a, b) => {
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
