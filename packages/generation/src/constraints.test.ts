import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as constraints from './constraints.js';

describe('parity: constraints', () => {
  it.each(parityCases('generation/constraints', constraints, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a compiled constraint says what the plain one says', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('[a-z]+', '.*', 'x'), fc.boolean(), (output, pattern, fullMatch) => {
        const config = constraints.createConstraintConfig({
          constraintType: 'regex',
          regexConstraint: constraints.createRegexConstraint(pattern, { fullMatch }),
        });
        return String(constraints.compileConstraint(config).validate(output)) === String(constraints.validateOutput(output, config));
      }),
      { numRuns: 100 },
    );
  });
  it('every JSON value has its own type', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('object', 'array', 'string', 'number', 'boolean', 'null'), (value, type) => {
        const config = constraints.createConstraintConfig({ jsonConstraint: constraints.createJsonSchemaConstraint({ type }, { allowExtra: true }) });
        const is = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
        const [isValid] = constraints.validateOutput(JSON.stringify(value), config);
        return isValid === (is === type);
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(constraints.JSONSchemaConstraint),
    ...sweep(constraints.RegexConstraint, () => constraints.createRegexConstraint('[a-z]+')),
    ...sweep(constraints.GrammarConstraint),
    ...sweep(constraints.ConstraintConfig, () => constraints.createConstraintConfig({ constraintType: 'choices' })),
    ...sweep(constraints.ConstraintStats),
    ...sweepEnum('ConstraintType', constraints.ConstraintType, { list: constraints.listConstraintTypes, get: constraints.getConstraintType }),
    ...sweepEnum('EnforcementMode', constraints.EnforcementMode, { list: constraints.listEnforcementModes, get: constraints.getEnforcementMode }),
    ...sweepEnum('GrammarFormat', constraints.GrammarFormat, { list: constraints.listGrammarFormats, get: constraints.getGrammarFormat }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => constraints.createConstraintConfig(), 'jsonConstraint is required'],
    [() => constraints.createRegexConstraint('[abc'), 'pattern must be a regular expression: unterminated character set at position 0'],
    [() => constraints.createRegexConstraint('a(b(c)'), 'pattern must be a regular expression: missing ), unterminated subpattern at position 1'],
    [() => constraints.createRegexConstraint('a)'), 'pattern must be a regular expression: unbalanced parenthesis at position 1'],
    [() => constraints.createRegexConstraint('*a'), 'pattern must be a regular expression: Invalid regular expression'],
    [
      () =>
        constraints.compileConstraint({
          ...constraints.createConstraintConfig({ constraintType: 'choices' }),
          constraintType: 'regex',
          regexConstraint: { pattern: '(', fullMatch: true, maxLength: 1 },
        }),
      'missing ), unterminated subpattern at position 0',
    ],
    [
      () => constraints.combineConstraints([constraints.createConstraintConfig({ constraintType: 'choices' })], { mode: 'none' }),
      "mode must be one of all, any, got 'none'",
    ],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
