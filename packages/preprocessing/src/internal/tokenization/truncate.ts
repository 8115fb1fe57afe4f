/** Cuts one text or two to a length. */
import { ValidationError } from '@gtc/errors';
import type { Draft } from './encoding.js';
import type { TruncationOptions } from './options.js';

/** Tokens that two texts keep where the longer one gives way. */
function shares(first: number, second: number, maxLength: number): readonly [first: number, second: number] {
  const shorter = Math.min(first, second);
  let [less, more] = shorter > maxLength ? [shorter, shorter] : [shorter, Math.max(shorter, maxLength - shorter)];
  if (less + more > maxLength) [less, more] = [Math.floor(maxLength / 2), Math.ceil(maxLength / 2)];
  return first > second ? [more, less] : [less, more];
}

/**
 * Cuts drafts in place.
 *
 * @param room tokens that they may have together
 * @throws {ValidationError} when the text that must give way is too short, or missing
 */
export function truncateDrafts(drafts: readonly Draft[], room: number, { strategy, stride, direction }: TruncationOptions): void {
  const total = drafts.reduce((sum, draft) => sum + draft.length, 0);
  if (room <= 0) {
    if (total > 0 || room < 0) for (const draft of drafts) draft.truncate(0, stride, direction);
    return;
  }
  const excess = total - room;
  if (excess <= 0) return;
  if (strategy === 'longest_first') {
    const [first, second] = drafts as [Draft, Draft?];
    const [one, two] = second === undefined ? [room, 0] : shares(first.length, second.length, room);
    first.truncate(one, stride, direction);
    second?.truncate(two, stride, direction);
    return;
  }
  const target = strategy === 'only_first' ? drafts[0] : drafts[1];
  if (target === undefined) throw new ValidationError("strategy 'only_second' needs a second text", { parameter: 'strategy', received: strategy });
  if (target.length <= excess)
    throw new ValidationError(`strategy '${strategy}' cannot cut ${excess} tokens from the ${target.length} of that text`, {
      parameter: 'maxLength',
      received: room,
    });
  target.truncate(target.length - excess, stride, direction);
}
