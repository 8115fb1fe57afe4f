/** What GTC answers to each call of `evidence/lm_metrics.json`. */
import { noGrad } from '@gtc/tensor/autograd';
import type { Answer } from '@gtc/testing';
import * as b from '../../benchmarks.js';
import { bertScore, calculatePerplexity, type EncodedText } from '../../metrics.js';
import { countFlops, countParameters } from '../../profiling.js';
import { logitsOf, modelOf, tokenizerOf } from './models.fixture.js';

type Asked = { model: string; inputIds: number[] };

/** Tokens of a text between the special ones, and the encoder's last states. */
function encoderOf(model: string, bosId: number, eosId: number, maxTokens: number): (text: string) => EncodedText {
  const tokenize = tokenizerOf(model);
  return text => {
    const ids = [bosId, ...tokenize(text).slice(0, maxTokens), eosId];
    const states = noGrad(() => modelOf(model).forward({ inputIds: [ids] } as never).lastHiddenState!);
    return { ids, embeddings: (states.tolist() as number[][][])[0]! };
  };
}

/** By the `call` of the case. */
export const lmAnswers: Readonly<Record<string, Answer>> = {
  perplexity: (({ model, inputIds }: Asked) => b.perplexity(logitsOf(modelOf(model)), inputIds)) as never,
  stridedPerplexity: (async ({ model, inputIds, ...options }: Asked & { maxLength: number; stride: number }) => {
    const { perplexity, tokens } = await b.stridedPerplexity(logitsOf(modelOf(model)), inputIds, options);
    return { perplexity, tokens };
  }) as never,
  perplexityOfTexts: (async ({ model, texts }: { model: string; texts: string[] }) => {
    const { perText, tokenLogProbs, bitsPerByte } = await b.textPerplexities(logitsOf(modelOf(model)), tokenizerOf(model), texts);
    return { perTextPerplexity: perText, tokenLogProbs0: tokenLogProbs[0], bitsPerByte };
  }) as never,
  scoreChoices: (async ({ model, context, choices, choiceBytes }: { model: string; context: number[]; choices: number[][]; choiceBytes: number[] }) => {
    const { pick, pickNorm, pickNormTokens, ...rest } = await b.scoreChoices(logitsOf(modelOf(model)), { context, choices, choiceLengths: choiceBytes });
    return { ...rest, accPick: pick, accNormPick: pickNorm, accNormTokensPick: pickNormTokens };
  }) as never,
  rollingLogLikelihood: (async ({ model, inputIds, ...options }: Asked & { prefixToken: number; block: number; maxLength: number }) => ({
    logLikelihood: await b.rollingLogLikelihood(logitsOf(modelOf(model)), inputIds, options),
  })) as never,
  profileModel: (({ model, seqLen, batch }: { model: string; seqLen: number; batch: number }) => {
    const net = modelOf(model);
    const inputIds = Array.from({ length: batch }, () => Array.from({ length: seqLen }, (_, i) => 7 + i));
    const { total, byModule } = countParameters(net);
    // transformers gives a head that shares the table a module of its own.
    const { vocab_size: vocabulary, n_embd: width, tie_word_embeddings: tied } = net.config as Record<string, number>;
    return {
      flops: noGrad(() => countFlops(() => net.forward({ inputIds } as never))).total,
      parameters: total,
      parametersByTopModule: { ...byModule, ...(tied ? { lm_head: vocabulary! * width! } : {}) },
      twoNdRule: 2 * total * seqLen * batch,
    };
  }) as never,
  calculatePerplexity: (({ logProbs }: { logProbs: number[] }) => ({
    perplexity: calculatePerplexity({ logProbs }).score,
  })) as never,
  calculateBertscore: (async ({
    model,
    references,
    candidates,
    idf,
    bosId,
    eosId,
    maxTokens,
  }: {
    model: string;
    references: string[];
    candidates: string[];
    idf: boolean;
    bosId: number;
    eosId: number;
    maxTokens: number;
  }) => {
    const options = { idf, ...(idf ? {} : { specialIds: [bosId, eosId] }) };
    const encode = encoderOf(model, bosId, eosId, maxTokens);
    const scores = await bertScore(encode, references, candidates, options);
    return { ...scores, rescaledF1Baseline03: (await bertScore(encode, references, candidates, { ...options, baseline: 0.3 })).f1 };
  }) as never,
};
