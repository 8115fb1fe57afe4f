import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as conversion from './conversion.js';

describe('parity: conversion', () => {
  it.each(parityCases('deployment/conversion', conversion, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('no format becomes itself, and losses are never negative', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...conversion.listModelFormats()),
        fc.constantFrom(...conversion.listConversionPrecisions()),
        fc.constantFrom(...conversion.listConversionPrecisions()),
        (format, a, b) =>
          !conversion.validateFormatCompatibility(format, format) &&
          conversion.calculatePrecisionLoss(a, b) >= 0 &&
          conversion.calculatePrecisionLoss(a, a) === 0,
      ),
      { numRuns: 100 },
    );
  });
  it('time grows with the parameters', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        n => conversion.estimateConversionTime(2 * n, 'huggingface', 'gguf') === 2 * conversion.estimateConversionTime(n, 'huggingface', 'gguf'),
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(conversion.ConversionConfig, () => conversion.createConversionConfig('huggingface', 'gguf')),
    ...sweep(conversion.GGUFConversionConfig),
    ...sweep(conversion.SafeTensorsConversionConfig),
    ...sweep(conversion.ConversionStats),
    ...sweepEnum('ModelFormat', conversion.ModelFormat, { list: conversion.listModelFormats, get: conversion.getModelFormat }),
    ...sweepEnum('ConversionPrecision', conversion.ConversionPrecision, { list: conversion.listConversionPrecisions, get: conversion.getConversionPrecision }),
    ...sweepEnum('ShardingStrategy', conversion.ShardingStrategy, { list: conversion.listShardingStrategies, get: conversion.getShardingStrategy }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => conversion.createConversionConfig('gguf', 'gguf'), 'source and target formats (sourceFormat, targetFormat) cannot be the same, got gguf'],
    [() => conversion.estimateConvertedSize(0, 'fp32', 'fp16'), 'modelParams must be positive, got 0'],
    [() => conversion.getRecommendedConversionConfig('3b', 'gguf'), "modelSize must be one of 7b, 13b, 70b, got '3b'"],
    [
      () => conversion.getRecommendedConversionConfig('7b', 'gguf', { optimizeFor: 'fun' }),
      "optimizeFor must be one of balanced, quality, size, speed, got 'fun'",
    ],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
