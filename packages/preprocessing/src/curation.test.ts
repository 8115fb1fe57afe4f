import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as curation from './curation.js';

describe('parity: curation', () => {
  it.each(parityCases('preprocessing/curation', curation, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const clean = (text: string, methods: curation.CleaningMethod[]): string =>
    curation.applyCleaning(text, { config: curation.createCleaningConfig({ methods }) });
  it('cleaned white space stays clean', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        const once = curation.applyCleaning(text);
        return curation.applyCleaning(once) === once;
      }),
      { numRuns: 200 },
    );
  });
  it('decodes entities and leaves comparisons alone', () => {
    expect(clean('<p>a &lt; b &amp; c &eacute; &#8364;</p>', ['html'])).toBe('a < b & c é €');
    expect(clean('1 < 2', ['html'])).toBe('1 < 2');
  });
  // Python 3.11: html.unescape
  it.each([
    ['&lt;b&gt;', '<b>'],
    ['&amp;amp;', '&amp;'],
    ['&#65;&#x42;', 'AB'],
    ['&#128512;', '\ud83d\ude00'],
    ['&nbsp;x', '\u00a0x'],
    ['&notin;', '\u2209'],
    ['&notit;', '\u00acit;'],
    ['&not', '\u00ac'],
    ['&copy', '\u00a9'],
    ['&copy2024', '\u00a92024'],
    ['&#0;', '\ufffd'],
    ['&#x80;', '\u20ac'],
    ['&#x110000;', '\ufffd'],
    ['&#xD800;', '\ufffd'],
    ['&bogus;', '&bogus;'],
    ['a & b', 'a & b'],
    ['&NotEqualTilde;', '\u2242\u0338'],
    ['&fjlig;', 'fj'],
    ['&#38;lt;', '&lt;'],
    ['&AMP', '&'],
    ['&hellip;&mdash;', '\u2026\u2014'],
    ['&;', '&;'],
    ['&#;', '&#;'],
    ['&#x;', '&#x;'],
    ['&#32;|&#31;|&#8364;|&#xfdef;|&#xfdf0;', ' ||€||\ufdf0'],
    ['&#x10ffff;|&#x10fffd;|&#xdfff;|&#xe000;', '|\u{10fffd}|\ufffd|\ue000'],
    ['&#x9f;|&#xa0;|&#65 &#x41 &#66x', '\u0178|\u00a0|A A Bx'],
    ['&notin &gtx &Aacute &Aacut;', '\u00acin >x \u00c1 &Aacut;'],
    ['&acE;', '\u223e\u0333'],
    ['&#1;&#x7f;&#xfdd0;&#xffff;&#9;', '\t'],
    ['&#129;', '\u0081'],
  ])('decodes %j as browsers do', (text, expected) => {
    expect(clean(text, ['html'])).toBe(expected);
  });
  it('takes Markdown marks off, names with underscores excepted', () => {
    expect(clean('# A\n**b** __c__ _d_ *e* `f` [g](h) ![i](j) snake_case_name', ['markdown'])).toBe('A\nb c d e f g i snake_case_name');
  });
  it('takes accents off and keeps syllables whole', () => {
    expect(curation.applyCleaning('Crème 한글', { config: curation.createCleaningConfig({ stripAccents: true, lowercase: true }) })).toBe('creme 한글');
  });
  it('every text contaminates itself', () => {
    const texts = fc.array(fc.stringMatching(/^[a-c]( [a-c]){5,9}$/), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(texts, list => {
        const found = curation.detectContamination(list, list);
        return list.every((_, i) => found.some(([train, test, score]) => train === i && test === i && score === 1));
      }),
      { numRuns: 50 },
    );
  });
  it('composes and passes validation on', () => {
    const [texts] = curation.runCurationPipeline(['e\u0301', '  '], { config: curation.createCurationPipeline({ steps: ['normalize', 'validate'] }) });
    expect(texts).toEqual(['\u00e9', '  ']);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(curation.CleaningConfig),
    ...sweep(curation.DecontaminationConfig),
    ...sweep(curation.CurationPipeline),
    ...sweep(curation.CurationStats),
    ...sweepEnum('CurationStep', curation.CurationStep, { list: curation.listCurationSteps, get: curation.getCurationStep }),
    ...sweepEnum('CleaningMethod', curation.CleaningMethod, { list: curation.listCleaningMethods, get: curation.getCleaningMethod }),
    ...sweepEnum('DecontaminationType', curation.DecontaminationType, { list: curation.listDecontaminationTypes, get: curation.getDecontaminationType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [
      () => curation.validateCurationPipeline({ steps: ['clean'], cleaningConfig: null, decontamConfig: null, validateOutput: true }),
      'cleaningConfig is required for the CLEAN step',
    ],
    [() => curation.createCurationPipeline({ steps: ['wash' as never] }), "steps (step) must be one of clean, dedup, filter, normalize, validate, got 'wash'"],
    [() => curation.estimateCurationTime(-1), 'numSamples must be non-negative, got -1'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
