/** The most likely continuation, token by token over a cache. */
import { integer, nonNegative, positive, UnsupportedError } from '@gtc/errors';
import { noGrad, scope, type Tensor } from '@gtc/tensor';
import { type ForwardOptions, idsOf, type ModelCache, type ModelInputs, type ModelOutput, maybeIds } from './inputs.js';
import type { Settings } from './settings.js';

/** How much is written. */
export interface GenerateOptions {
  readonly maxNewTokens: number;
  /** Tokens before which no text ends. Default: 0. */
  readonly minNewTokens?: number;
  /** Tokens that end a text. Default: the config's `eos_token_id`. */
  readonly eosTokenId?: number | readonly number[] | null;
  /** Fills texts that ended before others. Default: the config's `pad_token_id`, or the first token that ends a text. */
  readonly padTokenId?: number | null;
}

/** A model that writes. */
interface Writer {
  forward(inputs: ModelInputs, options: ForwardOptions): ModelOutput;
  createCache(): ModelCache;
}

/** The most likely token of each row that is not barred; the first of equals. */
function likeliest(logits: Tensor, barred: readonly number[]): number[] {
  const rows = logits.get(':', -1).contiguous();
  const [batch, classes] = rows.shape as [number, number];
  const scores = rows.data as Float32Array;
  return Array.from({ length: batch }, (_, row) => {
    let best = -1;
    for (let id = 0; id < classes; id++) if (!barred.includes(id) && (best < 0 || scores[row * classes + id]! > scores[row * classes + best]!)) best = id;
    return best;
  });
}

/** Places of tokens that are not padding, which takes 1. */
const placesOf = (mask: readonly (readonly number[])[]): number[][] =>
  mask.map(row => {
    let count = 0;
    return row.map(each => (each === 0 ? 1 : count++));
  });

const endsOf = (settings: Settings, { eosTokenId }: GenerateOptions): readonly number[] => {
  const given = eosTokenId === undefined ? settings.json['eos_token_id'] : eosTokenId;
  return given === null || given === undefined ? [] : ([given].flat() as number[]);
};

/** Tokens of each text with what was added. */
export function generate(
  model: Writer,
  settings: Settings,
  inputs: Pick<ModelInputs, 'inputIds' | 'attentionMask' | 'decoderInputIds'>,
  { encoderDecoder, ...options }: GenerateOptions & { readonly encoderDecoder: boolean },
): number[][] {
  const most = positive(integer(options.maxNewTokens, 'maxNewTokens'), 'maxNewTokens');
  const least = nonNegative(options.minNewTokens ?? 0, 'minNewTokens');
  const ends = endsOf(settings, options);
  const pad = options.padTokenId ?? settings.token('pad_token_id') ?? ends[0] ?? 0;
  const cache = model.createCache();
  const ids = idsOf(inputs.inputIds, 'inputIds').tolist() as number[][];
  const given = maybeIds(inputs.attentionMask, 'attentionMask');
  const start = settings.token('decoder_start_token_id') ?? settings.token('pad_token_id') ?? 0;
  const written = encoderDecoder
    ? ((maybeIds(inputs.decoderInputIds, 'decoderInputIds')?.tolist() as number[][] | undefined) ?? ids.map(() => [start]))
    : ids.map(row => [...row]);
  const mask = (given?.tolist() as number[][] | undefined) ?? ids.map(row => row.map(() => 1));
  const places = placesOf(mask);
  const ended = written.map(() => false);
  let fresh = written.map(row => [...row]);
  for (let step = 0; step < most && !ended.every(Boolean); step++) {
    const next = noGrad(() =>
      scope(() => {
        const at = fresh.map((row, i) => places[i]!.slice(-row.length));
        const passed: ModelInputs = encoderDecoder
          ? { inputIds: ids, attentionMask: given, decoderInputIds: fresh }
          : { inputIds: fresh, attentionMask: mask, ...(given === null ? {} : { positionIds: at }) };
        const { logits } = model.forward(passed, { cache, logitsToKeep: 1 });
        if (logits === undefined || logits.ndim !== 3)
          throw new UnsupportedError('this model scores no next token, and writes nothing', { parameter: 'model' });
        return likeliest(logits, step < least ? ends : []);
      }),
    );
    for (const [i, id] of next.entries()) {
      const token = ended[i] ? pad : id;
      ended[i] ||= ends.includes(token);
      written[i]!.push(token);
      if (encoderDecoder) continue;
      places[i]!.push(mask[i]!.reduce((sum, each) => sum + each, 0));
      mask[i]!.push(1);
    }
    fresh = written.map(row => row.slice(-1));
  }
  return written;
}
