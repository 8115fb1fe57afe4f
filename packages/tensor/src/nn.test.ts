import { describe, it } from 'vitest';
import { decode, tensorCases } from './evidence.fixture.js';
import { grad, Tensor } from './index.js';
import * as nn from './nn.js';

type T = Tensor;
type Layer = (...args: never[]) => unknown;

/** A layer's result and the gradients of its floating operands for the case's gradient of the result. */
const withGradients =
  (layer: Layer, trained = 9) =>
  (gradOut: T | null, ...args: unknown[]): unknown => {
    const leaves = args
      .filter((each): each is T => each instanceof Tensor && each.dtype.startsWith('float'))
      .slice(0, trained)
      .map(each => each.requiresGrad_());
    const found = (layer as (...all: unknown[]) => unknown)(...args);
    const result = found instanceof Tensor ? { y: found } : (found as { y: T });
    if (gradOut === null) return result;
    return { ...result, grads: grad([result.y], leaves, { gradOutputs: [gradOut] }) };
  };

const pool =
  (plain: (x: T, size: never, options: object) => T) =>
  (x: T, size: never, { returnIndices, ...options }: { returnIndices?: boolean } = {}): unknown =>
    returnIndices ? nn.maxPoolWithIndices(x, size, options) : plain(x, size, options);

const layers: Record<string, Layer> = {
  ...(nn as unknown as Record<string, Layer>),
  maxPool1d: pool(nn.maxPool1d as never),
  maxPool2d: pool(nn.maxPool2d as never),
  adaptiveMaxPool2d: ((x: T, outputs: never) => nn.adaptiveMaxPool2d(x, outputs)) as Layer,
  'nn.pad': nn.padLast as Layer,
};

/** Names of the calls, each with the gradient that stands beside the input. */
const operations = Object.fromEntries(Object.entries(layers).map(([name, layer]) => [name, withGradients(layer, name === 'gridSample' ? 1 : 9)]));

describe('evidence: conv_pool', () => {
  it.each(tensorCases('conv_pool', operations as never, import.meta.url, ({ gradOut }) => [gradOut === undefined ? null : decode(gradOut)]))('$name', c =>
    c.run(),
  );
});
