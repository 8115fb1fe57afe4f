/** Tokens that are proposed, and kept as far as the model would have written them: the same text in fewer passes. */
import { integer, positive } from '@gtc/errors';
import type { CausalLM, GenerateOptions, GenerateOutput, GenerationCache, Settings } from './options.js';
import { likeliest, processed, Scorer } from './scorer.js';

/** Proposes tokens for a text, so many at most. */
type Propose = (ids: readonly number[], most: number) => readonly number[];

/** What a smaller model would write. */
function fromAssistant({ assistantModel, numAssistantTokens = 20 }: GenerateOptions, { ends, mask, processors }: Settings): Propose {
  positive(integer(numAssistantTokens, 'numAssistantTokens'), 'numAssistantTokens');
  const scorer = new Scorer(assistantModel as CausalLM, { prompts: [[]], mask });
  return (ids, most) => {
    // What it has proposed and was not kept is forgotten.
    scorer.crop(Math.min(scorer.length, ids.length - 1));
    const proposed: number[] = [];
    let fresh = ids.slice(scorer.length);
    while (proposed.length < Math.min(most, numAssistantTokens)) {
      const [[last]] = scorer.read([fresh]) as [[Float32Array]];
      const token = likeliest(processed(last, processors, [...ids, ...proposed], 0));
      proposed.push(token);
      if (ends.includes(token)) break;
      fresh = [token];
    }
    return proposed;
  };
}

/** What followed, the first time, the tokens that the text ends with. */
function fromPrompt({ promptLookupNumTokens, maxMatchingNgramSize = 2 }: GenerateOptions): Propose {
  const count = positive(integer(promptLookupNumTokens!, 'promptLookupNumTokens'), 'promptLookupNumTokens');
  positive(integer(maxMatchingNgramSize, 'maxMatchingNgramSize'), 'maxMatchingNgramSize');
  return (ids, most) => {
    for (let size = Math.min(maxMatchingNgramSize, ids.length - 1); size > 0; size--) {
      const end = ids.slice(-size);
      for (let at = 0; at + size < ids.length; at++)
        if (end.every((id, i) => ids[at + i] === id)) return ids.slice(at + size, at + size + Math.min(count, most));
    }
    return [];
  };
}

/** The likeliest text of one prompt. */
export async function writeAssisted<C extends GenerationCache>(model: CausalLM<C>, settings: Settings, options: GenerateOptions): Promise<GenerateOutput> {
  const { prompts, promptLength, maxNewTokens, ends, processors } = settings;
  const propose = options.assistantModel === undefined ? fromPrompt(options) : fromAssistant(options, settings);
  const scorer = new Scorer(model, settings);
  const ids = [...prompts[0]!];
  const scores: Float32Array[][] = [];
  let ended = false;
  while (!ended && ids.length < promptLength + maxNewTokens) {
    if (options.signal?.aborted) break;
    const proposed = propose(ids, promptLength + maxNewTokens - ids.length - 1);
    const [rows] = scorer.read([[...ids.slice(scorer.length), ...proposed]], proposed.length + 1) as [Float32Array[]];
    for (const [i, raw] of rows.entries()) {
      const row = processed(raw, processors, ids, 0);
      const token = likeliest(row);
      if (options.outputScores) scores.push([row]);
      ids.push(token);
      ended = ends.includes(token) || (options.stopWhen?.(ids, 0) ?? false);
      if (ended || token !== proposed[i]) break;
    }
    // The newest token has not been read yet.
    scorer.crop(ids.length - 1);
    if (options.signal !== undefined) await new Promise(resolve => setTimeout(resolve, 0));
  }
  return { sequences: [ids], scores, forwards: scorer.forwards };
}
