import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as chat from './chat.js';

describe('parity: chat', () => {
  it.each(parityCases('generation/chat', chat, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const chats = fc.array(fc.tuple(fc.constantFrom('user', 'assistant', 'system'), fc.string({ minLength: 1 })), { minLength: 1, maxLength: 12 });
  it('a prompt holds every message within its turns, in order', () => {
    fc.assert(
      fc.property(chats, fc.constantFrom(...chat.listTemplateFormats()), (rows, templateFormat) => {
        const messages = rows.map(([role, content]) => chat.createChatMessage(role as chat.MessageRole, content));
        const prompt = chat.formatChatPrompt(messages, chat.createChatConfig({ templateFormat, maxTurns: 100 }));
        let at = 0;
        return rows.every(([, content]) => (at = prompt.indexOf(content, at)) >= 0);
      }),
      { numRuns: 100 },
    );
  });
  it('a conversation never outgrows its limit and keeps the system message', () => {
    fc.assert(
      fc.property(
        chats,
        fc.integer({ min: 2, max: 6 }),
        fc.constantFrom('oldest_first', 'newest_first', 'middle_out'),
        (rows, maxHistory, truncationStrategy) => {
          const talk = new chat.Conversation({ maxHistory, truncationStrategy }).add('system', 'Be brief.');
          for (const [role, content] of rows) if (role !== 'system') talk.add(role as chat.MessageRole, content);
          return talk.length <= maxHistory && talk.messages[0]!.content === 'Be brief.';
        },
      ),
      { numRuns: 100 },
    );
  });
  it('forgets on demand', () => {
    const talk = new chat.Conversation({ preserveSystem: false }).add('system', 'Be brief.').add('user', 'Hello');
    expect(talk.toPrompt(chat.createChatConfig(), { addGenerationPrompt: false })).toBe(
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n',
    );
    talk.clear();
    expect(talk.length).toBe(0);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(chat.ChatMessage, () => chat.createChatMessage('tool', 'result', { toolCallId: 'call_1' })),
    ...sweep(chat.ChatConfig),
    ...sweep(chat.TemplateConfig),
    ...sweep(chat.ConversationConfig),
    ...sweep(chat.ChatStats),
    ...sweepEnum('MessageRole', chat.MessageRole, { list: chat.listMessageRoles, get: chat.getMessageRole }),
    ...sweepEnum('ChatTemplateFormat', chat.ChatTemplateFormat, { list: chat.listTemplateFormats, get: chat.getTemplateFormat }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => chat.createChatMessage('tool', 'x'), 'toolCallId is required for a tool message'],
    [() => chat.formatChatPrompt([], chat.createChatConfig()), 'messages cannot be empty'],
    [() => chat.countConversationTokens([], { charsPerToken: Number.NaN }), 'charsPerToken must be finite, got NaN'],
    [
      () => chat.createConversationConfig({ truncationStrategy: 'random' as never }),
      "truncationStrategy must be one of middle_out, newest_first, oldest_first, got 'random'",
    ],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
