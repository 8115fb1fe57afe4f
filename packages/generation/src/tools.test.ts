import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as tools from './tools.js';

describe('parity: tools', () => {
  it.each(parityCases('generation/tools', tools, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('calls written as JSON are found again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('search', 'calc'), fc.dictionary(fc.string(), fc.jsonValue())), { maxLength: 4 }),
        fc.lorem(),
        (rows, noise) => {
          const text = `${noise} ${rows.map(([name, values]) => JSON.stringify({ name, arguments: values })).join(` ${noise} `)}`;
          const calls = tools.parseToolCalls(text, ['search', 'calc']);
          return JSON.stringify(calls.map(call => [call.name, call.arguments])) === JSON.stringify(rows.map(([name, values]) => [name, values]));
        },
      ),
      { numRuns: 100 },
    );
  });
  it('any text ends in calls, never in an error', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...tools.listParsingStrategies()), (text, strategy) =>
        Array.isArray(tools.parseToolCalls(`{"name": "a"${text}`, ['a'], { strategy })),
      ),
      { numRuns: 200 },
    );
  });
  it('runs in parallel when asked, and in order otherwise', async () => {
    const log: string[] = [];
    const slow = async ({ n }: Readonly<Record<string, unknown>>) => {
      log.push(`start ${n}`);
      await new Promise(resolve => setTimeout(resolve, 5));
      log.push(`end ${n}`);
      return { n, ok: true };
    };
    const calls = [1, 2].map(n => tools.createToolCall('slow', { arguments: { n } }));
    const results = await tools.executeToolCalls(calls, { slow });
    expect(results.map(result => result.output)).toEqual(["{'n': 1, 'ok': True}", "{'n': 2, 'ok': True}"]);
    await tools.executeToolCalls(calls, { slow }, { mode: 'parallel' });
    expect(log).toEqual(['start 1', 'end 1', 'start 2', 'end 2', 'start 1', 'start 2', 'end 1', 'end 2']);
  });
  it('a call without id gets one', () => {
    expect(tools.createToolCall('search').id).toMatch(/^call_\d{5}$/);
    expect(tools.formatToolsForPrompt([tools.createToolDefinition('f', 'F', { parameters: { x: { type: 'number' } } })], { format: 'xml' })).toContain(
      'type="number" required="false"',
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(tools.ToolDefinition, () => tools.createToolDefinition('search', 'Search the web')),
    ...sweep(tools.ToolCall),
    ...sweep(tools.ToolResult),
    ...sweep(tools.ToolConfig, () => tools.createToolConfig()),
    ...sweep(tools.ToolStats),
    ...sweepEnum('ToolFormat', tools.ToolFormat, { list: tools.listToolFormats, get: tools.getToolFormat }),
    ...sweepEnum('ParsingStrategy', tools.ParsingStrategy, { list: tools.listParsingStrategies, get: tools.getParsingStrategy }),
    ...sweepEnum('ExecutionMode', tools.ExecutionMode, { list: tools.listExecutionModes, get: tools.getExecutionMode }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => tools.createToolDefinition('bad-name', 'x'), "name must be alphanumeric with underscores, got 'bad-name'"],
    [() => tools.createToolDefinition('search', 'x', { required: ['q'] }), "required parameter 'q' is not in parameters"],
    [
      () => tools.validateToolArguments(tools.createToolCall('a'), tools.createToolDefinition('b', 'B')),
      "call and tool must have the same name, got 'a' and 'b'",
    ],
    [() => tools.executeToolCalls([{ name: 'a', arguments: {}, id: '' }], {}), 'callId cannot be empty'],
    [() => tools.getRecommendedToolConfig('chess'), "task must be one of agent, assistant, code, extraction, got 'chess'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
