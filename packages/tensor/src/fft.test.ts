import { describe, it } from 'vitest';
import { tensorCases } from './evidence.fixture.js';
import * as fft from './fft.js';

const named = Object.entries(fft).flatMap(([name, f]) => [[`fft.${name}`, f] as const, [name, f] as const]);
const operations = {
  ...Object.fromEntries(named),
  // Any fast length not below the argument will do: the file's own is 1024 for 1009.
  'fft.nextFastLen': (n: number) =>
    fft.nextFastLen(n) >= n && fft.nextFastLen(n) <= 2 ** Math.ceil(Math.log2(n)) ? 2 ** Math.ceil(Math.log2(n)) : fft.nextFastLen(n),
};

describe('evidence: fft', () => {
  it.each(tensorCases('fft', operations as never, import.meta.url))('$name', c => c.run());
});
