import { parityCases, sweep } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as cards from './cards.js';

describe('parity: cards', () => {
  it.each(parityCases('hub/cards', cards, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a card that was put together comes apart again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('en', 'de', 'fr'), { minLength: 1 }),
        fc.array(fc.constantFrom('Intended Uses', 'Limitations', 'Usage')),
        (language, titles) => {
          const content = `---\nlicense: mit\nlanguage:\n${language.map(code => `- ${code}`).join('\n')}\n---\n\n# Model\n\n${titles.map(title => `## ${title}\n\nText of ${title}.`).join('\n\n')}`;
          const card = cards.parseModelCard(content);
          return (
            String(card.metadata.language) === String(language) &&
            String(cards.listModelCardSections(card)) === String(['Model', ...titles]) &&
            card.sections.slice(1).every(section => section.content === `Text of ${section.title}.`)
          );
        },
      ),
      { numRuns: 100 },
    );
  });
  it('code is no heading, nested front matter no field, quotes no part of a value', () => {
    const card = cards.parseModelCard("---\r\nlicense: 'mit'\r\nmodel-index:\r\n- name: x\r\n---\r\n# A\r\n```\r\n# not a heading\r\n```\r\n");
    expect(card.metadata).toMatchObject({ license: 'mit', extra: {} });
    expect(cards.listModelCardSections(card)).toEqual(['A']);
  });
  const metadataOf = (front: string): Record<string, unknown> => cards.parseModelCard(`---\n${front}\n---\ntext`).metadata as never;
  it.each<[string, Record<string, unknown>]>([
    ['license:   apache-2.0  ', { license: 'apache-2.0' }],
    ['license: "mit"', { license: 'mit' }],
    ["license: it's", { license: "it's" }],
    ["license: 'a' or 'b", { license: "'a' or 'b" }],
    ['  license: nested', { license: null, extra: {} }],
    ['tags: [a, "b c", , d]  ', { tags: ['a', 'b c', 'd'] }],
    ['tags: x [a]', { tags: ['x [a]'] }],
    ['tags: [a] x', { tags: ['[a] x'] }],
    ['tags:  \n  -   a  \n- b', { tags: ['a', 'b'] }],
    ['tags:\n- name: x\n- b', { tags: ['b'] }],
    ['tags:\n- http://x', { tags: ['http://x'] }],
    ['tags:\n- key:', { tags: [] }],
    ['license: mit\n- a', { license: 'mit', tags: [] }],
    ['- a\nlicense: mit', { license: 'mit' }],
    ['tags: one\ntext - two', { tags: ['one'] }],
    ['license:\n- mit\n- other', { license: 'mit' }],
    ['note: [x]\nmy.key_1: v', { extra: { note: ['x'], 'my.key_1': 'v' } }],
    ['license: [ ]', { license: null }],
  ])('front matter %j', (front, wanted) => {
    expect(metadataOf(front)).toMatchObject(wanted);
  });
  it.each<[string, readonly (readonly [string, number, string])[]]>([
    [
      '# A\n## B  \nx',
      [
        ['A', 1, ''],
        ['B', 2, 'x'],
      ],
    ],
    ['before\n####### seven\n#none\n ## indented', []],
    ['#   Wide', [['Wide', 1, '']]],
    [
      '# A\n~~~\n```\n# no\n~~~\n# B',
      [
        ['A', 1, '~~~\n```\n# no\n~~~'],
        ['B', 1, ''],
      ],
    ],
    [
      '# A\n  ```\n# no\n  ```\n# B',
      [
        ['A', 1, '```\n# no\n  ```'],
        ['B', 1, ''],
      ],
    ],
    [
      '# A\nx ``` y\n# B',
      [
        ['A', 1, 'x ``` y'],
        ['B', 1, ''],
      ],
    ],
  ])('sections of %j', (text, wanted) => {
    expect(cards.parseModelCard(text).sections.map(({ title, level, content }) => [title, level, content])).toEqual(wanted);
  });
  it.each([
    ['  --- \t\nlicense: mit\n---\t \n# A', 'mit', ['A']],
    ['---\nlicense: mit\n---', 'mit', []],
    ['x\n---\nlicense: mit\n---\n# A', null, ['A']],
    ['---x\nlicense: mit\n---\n# A', null, ['A']],
    ['---\nlicense: mit\n--- x\n# A', null, ['A']],
  ])('front matter begins and ends where it should in %j', (text, license, titles) => {
    const card = cards.parseModelCard(text as string);
    expect([card.metadata.license, cards.listModelCardSections(card)]).toEqual([license, titles]);
  });
  it('takes the words before the first blank line of the first section with text', () => {
    expect(cards.extractModelDescription(cards.parseModelCard('# A\n\n# B\n\n  first  \nline \n\nsecond'))).toBe('first  \nline');
    expect(cards.parseModelCard('x').modelId).toBe('unknown');
  });
  it('any text ends in a card', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), text => cards.parseModelCard(`---\n${text}\n---\n# ${text}`).content.length > 0),
      { numRuns: 200 },
    );
  });
  it('fetches a card', async () => {
    const fetcher = (async (url: string) =>
      new Response(url === 'https://hub.test/ada/m/raw/main/README.md' ? '# M\n\nHi.' : '', { status: 200 })) as unknown as typeof fetch;
    expect(cards.extractModelDescription(await cards.getModelCard('ada/m', { fetch: fetcher, endpoint: 'https://hub.test' }))).toBe('Hi.');
  });
});

describe('definitions', () => {
  it.each([...sweep(cards.ModelCardSection), ...sweep(cards.ModelCardMetadata), ...sweep(cards.ModelCard), ...sweep(cards.ValidationResult)])('$name', c =>
    c.run(),
  );
});

describe('refusals', () => {
  it.each([
    [() => cards.parseModelCard(''), 'content cannot be empty'],
    [() => cards.getModelCard('a b'), "modelId must be a name or owner/name of letters, digits, '-', '_' and '.', got 'a b'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
