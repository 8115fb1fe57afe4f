import { hostileText, parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as memory from './memory.js';

const clock = new Date('2026-01-01T00:00:00Z');
const message = (role: string, content: string): memory.ConversationMessage => memory.createConversationMessage(role, content, { timestamp: clock });
const texts = hostileText().filter(text => text !== '');

describe('parity: memory', () => {
  it.each(parityCases('agents/memory', memory, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('sizes add up over messages, whatever they hold', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const [first, second] = [message('human', a), message('ai', b)];
        const size = memory.calculateMemorySizeBytes;
        return size([first, second]) === size([first]) + size([second]) && size([first], { includeMetadata: false }) === size([first]);
      }),
      { numRuns: 100 },
    );
  });
  it('tokens never grow with characters per token', () => {
    fc.assert(
      fc.property(texts, fc.double({ min: 0.5, max: 10, noNaN: true }), (text, charsPerToken) => {
        const messages = [message('human', text)];
        return memory.estimateMemoryTokens(messages, { charsPerToken: charsPerToken + 1 }) <= memory.estimateMemoryTokens(messages, { charsPerToken });
      }),
      { numRuns: 100 },
    );
  });
  it('a window never holds more than it may or than there is', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 500 }),
        fc.integer({ min: 1, max: 500 }),
        (total, window) => memory.calculateWindowMessages(total, window) === Math.min(total, window),
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  const { BufferConfig, EntityConfig, MemoryConfig, SummaryConfig, WindowConfig } = memory;
  it.each([...sweep(BufferConfig), ...sweep(SummaryConfig), ...sweep(EntityConfig), ...sweep(MemoryConfig), ...sweep(WindowConfig, memory.createWindowConfig)])(
    '$name',
    c => c.run(),
  );
  it.each(sweepEnum('MemoryType', memory.MemoryType, { list: memory.listMemoryTypes, get: memory.getMemoryType }))('$name', c => c.run());
});

describe('messages', () => {
  it('carry now unless told otherwise', () => {
    const before = Date.now();
    const { timestamp } = memory.createConversationMessage('human', 'Hi');
    expect(timestamp.getTime()).toBeGreaterThanOrEqual(before);
    expect(message('human', 'Hi').timestamp).toBe(clock);
  });
});

describe('refusals', () => {
  it.each([
    [() => memory.createWindowConfig({ overlap: 10 }), 'overlap (10) must be less than windowSize (10)'],
    [() => memory.createConversationMessage('', ''), 'role cannot be empty; content cannot be empty'],
    [() => memory.estimateMemoryTokens([], { charsPerToken: 0 }), 'charsPerToken must be positive, got 0'],
    [() => memory.estimateMemoryTokens([message('a', 'b')], { charsPerToken: Number.NaN }), 'charsPerToken must be a number, got NaN'],
    [() => memory.calculateWindowMessages(-1, 1), 'totalMessages must be non-negative, got -1'],
    [() => memory.formatMemoryStats(null as never), 'stats cannot be null'],
  ])('%# says what is wrong', (run, text) => {
    expect(run).toThrow(text);
  });
});
