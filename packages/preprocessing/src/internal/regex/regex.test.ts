import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Regex } from './regex.js';

const found = (source: string, text: string, dialect: 'oniguruma' | 'fancy' = 'oniguruma'): string[] =>
  new Regex(source, dialect).matches(text).map(([start, end]) => text.slice(start, end));

describe('laws', () => {
  const atom = fc.constantFrom('a', 'b', '[ab]', '[^a]', '.', '\\w', 'a|b', '(?:ab)', 'ä', '😀');
  const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{1,2}', '*?', '+?', '{2}')).map(([item, times]) => `(?:${item})${times}`);
  const source = fc
    .array(fc.oneof(piece, fc.constantFrom('(?=a)', '(?!b)', '(?<=a)', '(?<!b)', '|', '\\b')), { minLength: 1, maxLength: 6 })
    .map(parts => parts.join(''));
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ' ', 'ä', '😀'), { maxLength: 12 }).map(parts => parts.join(''));
  it('matches what the engine of JavaScript matches', () => {
    fc.assert(
      fc.property(source, text, (pattern, subject) => {
        const wide = pattern
          .replaceAll('\\w', '[\\p{Alphabetic}\\p{Nd}_]')
          .replaceAll('\\b', '(?:(?<=[\\p{Alphabetic}_])(?![\\p{Alphabetic}_])|(?<![\\p{Alphabetic}_])(?=[\\p{Alphabetic}_]))');
        const wanted: string[] = [];
        const engine = new RegExp(wide, 'uy');
        let last = -1;
        for (let at = 0; at <= subject.length; ) {
          engine.lastIndex = at;
          const match = engine.exec(subject);
          if (match !== null && !(match[0] === '' && at === last)) {
            wanted.push(`${at} ${match[0]}`);
            last = at + match[0].length;
            at = last;
          } else at += subject.codePointAt(at)! > 0xffff ? 2 : 1;
        }
        expect(new Regex(pattern).matches(subject).map(([start, end]) => `${start} ${subject.slice(start, end)}`)).toEqual(wanted);
      }),
      { numRuns: 1000 },
    );
  });
  it.each(['(a+)+b', '(a|a)*c', 'a*b', '(?:a|aa)+$b', '(a*)*b', '(?>a+)b', 'a++b', '(?:a?){30}b', '[ab]*?c'])('takes time linear in the text: %s', source => {
    expect(new Regex(source).matches('a'.repeat(100_000))).toEqual([]);
  });
  it('finds the same once it remembers what it tried', () => {
    const text = `${'a'.repeat(20_000)}b`;
    expect(new Regex('(?:a+)+c|a|b').matches(text)).toHaveLength(20_001);
    expect(new Regex('(?:x|(?:a+)+c|a(?=a)|a)').matches(text)).toHaveLength(20_000);
    expect(new Regex('(?:(?>aa)+)+c|(?<=a)b').matches(text)).toEqual([[20_000, 20_001]]);
  });
  it('gives up on what would take longer', () => {
    expect(() => new Regex('(?=(?:a|aa)*b)a').matches('a'.repeat(20_000))).toThrow('the regular expression takes more than linear time on this text');
  });
});

describe('Regex', () => {
  it.each([
    ['[[:alpha:]]+', 'ab1', ['ab']],
    ['[[:^alpha:]]', 'a1', ['1']],
    ['[a-z&&[^b]]+', 'abc', ['a', 'c']],
    ['\\p{Lu}\\P{Lu}', 'aBc', ['Bc']],
    ['\\p{^L}', 'a1', ['1']],
    ['\\pL+', 'ab1', ['ab']],
    ['\\p{Han}+', '日本x', ['日本']],
    ['\\h+', 'xff', ['ff']],
    ['\\x41\\x{42}\\u0043', 'ABC', ['ABC']],
    ['\\u{44}\\101', 'DA', []],
    ['[\\b\\]\\-]', '\b]-', ['\b', ']', '-']],
    ['[]a]', ']a', [']', 'a']],
    ['[a-]', 'a-', ['a', '-']],
    ['[\\d-x]', '1-x', ['1', '-', 'x']],
    ['[a-\\d]', 'a-1', ['a', '-', '1']],
    ['[a\\-c]', 'b-', ['-']],
    ['a(?#note)b', 'ab', ['ab']],
    ['(?<name>a)(?P<other>b)', 'ab', ['ab']],
    ['(?i)ß|k', 'K\u212a', ['K', '\u212a']],
    ['(?i:s)s', 'Ss\u017fs', ['Ss', '\u017fs']],
    ['(?i)a(?-i)b', 'AbAB', ['Ab']],
    ['^a$', 'a\na', ['a', 'a']],
    ['\\Aa|a\\z', 'aba', ['a', 'a']],
    ['a\\Z', 'a\n', ['a']],
    ['\\Bb', 'ab b', ['b']],
    ['(?<=ab)c', 'abc c', ['c']],
    ['(?<!ab|cd)e', 'abe e', ['e']],
    ['(?<=(?>ab){2})c', 'ababc', ['c']],
    ['(?<=a(?=b)b|cd)e', 'abe cde', ['e', 'e']],
    ['(?<=^|(?:))a', 'aa', ['a', 'a']],
    ['(?:(?:a|b*)*|(?>c?)*)d', 'abd', ['abd']],
    ['(?:(?=a)|\\b)*a', 'a', ['a']],
    ['(?<=(?:ab|cd)x)e', 'abxe cdxe', ['e', 'e']],
    ['(?:(?>a*)|(?>b*))*c', 'abc', ['abc']],
    ['(?:ab)++c', 'ababc', ['ababc']],
    ['(?>a|ab)c', 'abc', []],
    ['(?>a{1,2})a', 'aaa', ['aaa']],
    ['a{,2}b', 'aab', ['aab']],
    ['a{b', 'a{b', ['a{b']],
    ['\\s+(?!\\S)', 'a  b', [' ']],
    ['\\t\\n\\e', '\t\n\u001b', ['\t\n\u001b']],
    ['\\0', '\0', ['\0']],
  ])('%s in %j', (source, text, wanted) => {
    if (source.startsWith('\\u{44}')) expect(() => new Regex(source)).toThrow('references to groups are not offered');
    else expect(found(source, text)).toEqual(wanted);
  });
  it('reads counts and ends as each dialect does', () => {
    expect(found('a{1,2}+a', 'aaa', 'oniguruma')).toEqual(['aaa']);
    expect(found('a{1,2}+a', 'aa', 'fancy')).toEqual([]);
    expect(found('a$', 'a\na', 'fancy')).toEqual(['a']);
    expect(found('^a', 'a\na', 'fancy')).toEqual(['a']);
  });
  it.each([
    ['a)', "regular expression: an unmatched ')' (at offset 1)"],
    ['(a', "a group without its ')'"],
    ['[a', "a class without its ']'"],
    ['*a', 'a repetition of nothing'],
    ['a\\', 'it ends too early'],
    ['a{3,2}', 'a count from 3 to 2'],
    ['a{2000}', 'a count above 1000'],
    ['\\p{Nope}', "the property 'Nope' is not known"],
    ['[[:nope:]]', "the class 'nope' is not known"],
    ['\\q', "the escape '\\q' is not known"],
    ['[z-a]', 'a range from U+7a down to U+61'],
    ['\\x{110000}', 'U+110000 is no character'],
    ['(?<a', 'a group of a kind that is not known'],
    ['(?#', 'a comment without an end'],
    ['(?m)a', "the option 'm' is not offered"],
    ['(?<=a+)b', 'what lies behind must have one length'],
    ['('.repeat(300), 'groups are more than 200 deep'],
    ['['.repeat(300), 'classes are more than 200 deep'],
    ['a'.repeat(70_000), '70000 characters are more than 65536'],
    ['(?:(?:a{100}){100}){100}', 'it takes more than 20000 instructions'],
  ])('refuses %j', (source, message) => {
    expect(() => new Regex(source)).toThrow(message);
  });
});
