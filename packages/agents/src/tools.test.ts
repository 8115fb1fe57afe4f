import { hostileText, parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as tools from './tools.js';

describe('parity: tools', () => {
  it.each(parityCases('agents/tools', tools, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  it('a call that was written is read again', () => {
    fc.assert(
      fc.property(word, fc.dictionary(word, word, { noNullPrototype: true }), (name, args) => {
        const text = `Action: ${name}(${Object.entries(args)
          .map(([key, value]) => `${key}='${value}'`)
          .join(', ')})`;
        return JSON.stringify(tools.parseToolCall(text, [name])?.arguments) === JSON.stringify(args);
      }),
      { numRuns: 100 },
    );
  });
  it('hostile text gives a call or null', () => {
    fc.assert(
      fc.property(hostileText(), text => {
        const call = tools.parseToolCall(text, ['search', 'calc']);
        return call === null || ['search', 'calc'].includes(call.toolName);
      }),
      { numRuns: 100 },
    );
  });
  it('call ids have the original form and depend on the name alone', () => {
    fc.assert(
      fc.property(
        word,
        name =>
          /^call_\d{4,5}$/.test(tools.createToolCall(name, {}).callId) && tools.createToolCall(name, {}).callId === tools.createToolCall(name, { a: 1 }).callId,
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  const { AgentConfig, ReActConfig, ToolCall, ToolDefinition, ToolParameter, ToolResult } = tools;
  it.each([...sweep(ToolDefinition), ...sweep(ToolCall), ...sweep(ToolResult), ...sweep(AgentConfig), ...sweep(ReActConfig), ...sweep(ToolParameter)])(
    '$name',
    c => c.run(),
  );
  it.each(sweepEnum('ToolType', tools.ToolType, { list: tools.listToolTypes, get: tools.getToolType }))('$name', c => c.run());
});

describe('rules of thumb', () => {
  it('add up in sequence and overlap in parallel', () => {
    expect([
      tools.estimateTotalTime(['api', 'function'], false),
      tools.estimateTotalTime(['api', 'function'], true),
      tools.estimateTotalTime([], true),
    ]).toEqual([210, 200, 0]);
  });
});

describe('refusals', () => {
  it.each([
    [() => tools.createToolDefinition('a-b', ''), "name must be alphanumeric with underscores, got 'a-b'; description cannot be empty"],
    [() => tools.createToolCall('', {}), 'toolName cannot be empty'],
    [() => tools.createToolResult(''), 'callId cannot be empty'],
    [() => tools.createAgentConfig({ temperature: -1 }), 'temperature must be non-negative, got -1'],
    [() => tools.parseToolCall('(', ['']), undefined],
    [() => tools.parseToolCall('()', ['']), 'toolName cannot be empty'],
    [() => tools.parseToolCall(null as never, ['a']), 'text cannot be null'],
    [() => tools.formatToolForPrompt(null as never), 'tool cannot be null'],
    [() => tools.estimateToolLatency('magic' as never), "toolType must be one of api, code_interpreter, function, retrieval, web_search, got 'magic'"],
  ])('%# says what is wrong', (run, message) => {
    if (message === undefined) expect(run()).toBeNull();
    else expect(run).toThrow(message);
  });
});
