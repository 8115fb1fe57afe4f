import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as structured from './structured.js';

describe('parity: structured', () => {
  it.each(parityCases('generation/structured', structured, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('every JSON value passes and comes back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const result = structured.validateJsonOutput(JSON.stringify(value));
        return result.isValid && JSON.stringify(result.parsedOutput) === JSON.stringify(value);
      }),
      { numRuns: 100 },
    );
  });
  it('agrees with JSON.parse about what is no JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), fc.constantFrom('', '"', '{', ']', ',', '\\', '\n', '-', '\\u12'), (value, at, insert) => {
        const text = JSON.stringify(value);
        const broken = text.slice(0, at % text.length) + insert + text.slice((at % text.length) + 1);
        let valid = broken.trim() !== '';
        try {
          JSON.parse(broken);
        } catch {
          valid = false;
        }
        return structured.validateJsonOutput(broken).isValid === valid;
      }),
      { numRuns: 300 },
    );
  });
  it.each([
    ['[1,]', 'Expecting value: line 1 column 4 (char 3)'],
    ['{"a":1,}', 'Expecting property name enclosed in double quotes: line 1 column 8 (char 7)'],
    ['{"a" 1}', "Expecting ':' delimiter: line 1 column 6 (char 5)"],
    ['{"a":1 "b":2}', "Expecting ',' delimiter: line 1 column 8 (char 7)"],
    ['[1\n2]', "Expecting ',' delimiter: line 2 column 1 (char 3)"],
    ['1 2', 'Extra data: line 1 column 3 (char 2)'],
    ['"abc', 'Unterminated string starting at: line 1 column 1 (char 0)'],
    ['"a\\', 'Unterminated string starting at: line 1 column 1 (char 0)'],
    ['"\\x"', 'Invalid \\escape: line 1 column 2 (char 1)'],
    ['"\\u12"', 'Invalid \\uXXXX escape: line 1 column 4 (char 3)'],
    ['"a\nb"', 'Invalid control character at: line 1 column 3 (char 2)'],
    ['['.repeat(600), 'Too many levels: line 1 column 502 (char 501)'],
  ])('%# %j is refused in the words of Python', (text, problem) => {
    expect(structured.validateJsonOutput(text).errors).toEqual([`Invalid JSON: ${problem}`]);
  });
  it('reads escapes and the numbers beyond JSON', () => {
    expect(structured.validateJsonOutput('["\\u00e9\\n\\/", NaN, -Infinity, Infinity, -1.5e2]').parsedOutput).toEqual([
      'é\n/',
      Number.NaN,
      -Infinity,
      Infinity,
      -150,
    ]);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(structured.StructuredConfig, () => structured.createStructuredConfig({ outputFormat: 'json' })),
    ...sweep(structured.JSONSchemaConfig),
    ...sweep(structured.GrammarConfig),
    ...sweep(structured.ChoicesConfig),
    ...sweep(structured.ValidationResult),
    ...sweepEnum('OutputFormat', structured.OutputFormat, { list: structured.listOutputFormats, get: structured.getOutputFormat }),
    ...sweepEnum('SchemaType', structured.SchemaType, { list: structured.listSchemaTypes, get: structured.getSchemaType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => structured.createStructuredConfig({ outputFormat: 'json_schema' }), 'schema is required for the outputFormat json_schema'],
    [() => structured.estimateStructuredTokens({ choicesConfig: { choices: [], allowMultiple: false, separator: ',' } }), 'choices cannot be empty'],
    [() => structured.estimateStructuredTokens({ baseTokens: 0 }), 'baseTokens must be positive, got 0'],
    [() => structured.getRecommendedStructuredConfig('chess'), "task must be one of classification, extraction, generation, qa, got 'chess'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
