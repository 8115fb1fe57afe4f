/** Ids of tokens that are added to a tokenizer. */
import { createFrom, type Definition } from '@gtc/errors';
import type { AddedToken } from './added-tokens.js';
import type { Pipeline } from './pipeline.js';

/** A token to add: its text, and how it is found. */
export type NewToken = Omit<AddedToken, 'id'>;

/** Defaults and rules of {@link NewToken}; `normalized` is taken as the opposite of `special` unless given. */
export const NewToken: Definition<NewToken> = {
  name: 'NewToken',
  fields: {
    content: { kind: 'string', nonEmpty: true },
    singleWord: { kind: 'bool', default: false },
    lstrip: { kind: 'bool', default: false },
    rstrip: { kind: 'bool', default: false },
    normalized: { kind: 'bool', default: true },
    special: { kind: 'bool', default: false },
  },
};

/** Adds tokens behind the ids that are taken; a token of the vocabulary keeps its id, one that is there already stays. */
export function withTokens(pipeline: Pipeline, tokens: readonly (string | (Partial<NewToken> & Pick<NewToken, 'content'>))[]): Pipeline {
  const added = new Map(pipeline.added.tokens.map(token => [token.content, token]));
  const { vocabulary } = pipeline.model;
  let next = pipeline.added.tokens.reduce((highest, { id }) => Math.max(highest, id + 1), vocabulary.size);
  for (const item of tokens) {
    const given = typeof item === 'string' ? { content: item } : item;
    const token = createFrom(NewToken, { normalized: given.special !== true, ...given });
    const known = added.get(token.content);
    const id = known?.id ?? vocabulary.idOf(token.content) ?? next++;
    added.set(token.content, { ...token, id });
  }
  return pipeline.with({}, {}, [...added.values()]);
}
