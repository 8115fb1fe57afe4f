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
