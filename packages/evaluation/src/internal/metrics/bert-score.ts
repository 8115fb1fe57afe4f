/** BERTScore (Zhang et al. 2020): how well the tokens of two texts match in meaning. */
import { nonEmpty, ShapeError, sameLength, ValidationError } from '@gtc/errors';
import { dot, norm, sum } from '@gtc/tensor/statistics';

/** Tokens of a text and their embeddings in context, a row for each. */
export interface EncodedText {
  readonly ids: readonly number[];
  readonly embeddings: readonly (readonly number[])[];
}

/** Encodes a text, with whatever model. */
export type TextEncoderModel = (text: string) => EncodedText | Promise<EncodedText>;

/** Options of {@link bertScore}. */
export interface BertScoreOptions {
  /** Weighs tokens by how few references hold them. */
  readonly idf?: boolean;
  /** Tokens that do not count, such as the beginning and the end, though others may match them. */
  readonly specialIds?: readonly number[];
  /** What unrelated texts score; scores are stretched so that it becomes 0. */
  readonly baseline?: number | null;
}

/** Scores of each pair. */
export interface BertScores {
  readonly precision: number[];
  readonly recall: number[];
  readonly f1: number[];
}

async function encoded(encode: TextEncoderModel, texts: readonly string[], name: string): Promise<EncodedText[]> {
  const found: EncodedText[] = [];
  for (const [i, text] of texts.entries()) {
    const { ids, embeddings } = await encode(text);
    nonEmpty(ids, `the tokens of ${name}[${i}]`);
    if (embeddings.length !== ids.length)
      throw new ShapeError(`encode must give ${ids.length} embeddings for ${name}[${i}], got ${embeddings.length}`, {
        parameter: 'encode',
        received: embeddings.length,
      });
    found.push({
      ids,
      embeddings: embeddings.map(row => {
        const length = norm(row);
        return row.map(value => value / length);
      }),
    });
  }
  return found;
}

/** Mean over the tokens of one text of the best match in the other, weighted. */
function matched(of: EncodedText, other: EncodedText, weight: (id: number) => number): number {
  const weights = of.ids.map(weight);
  const total = sum(weights);
  const best = of.embeddings.map(row => Math.max(...other.embeddings.map(match => dot(row, match))));
  return total === 0 ? 0 : sum(best.map((value, i) => value * weights[i]!)) / total;
}

/**
 * Precision, recall and F1 of candidates by greedy matching of token embeddings.
 *
 * @param encode tokens and embeddings of a text, from a layer of an encoder
 * @throws {ValidationError} for no texts, a text without tokens, or a baseline of 1 and more
 * @throws {ShapeError} for unequal numbers of texts, or of tokens and embeddings
 * @remarks Python: `bert_score.score(candidates, references, model_type=, num_layers=, idf=, rescale_with_baseline=)`.
 * @example (await bertScore(text => ({ ids: [text.length], embeddings: [[1, 0]] }), ['a'], ['b'])).f1 // => [1]
 */
export async function bertScore(
  encode: TextEncoderModel,
  references: readonly string[],
  candidates: readonly string[],
  { idf = false, specialIds = [], baseline = null }: BertScoreOptions = {},
): Promise<BertScores> {
  nonEmpty(references, 'references');
  sameLength({ references, candidates });
  if (baseline !== null && !(baseline < 1))
    throw new ValidationError(`baseline must be below 1, got ${baseline}`, { parameter: 'baseline', received: baseline });
  const [wanted, given] = [await encoded(encode, references, 'references'), await encoded(encode, candidates, 'candidates')];
  const documents = new Map<number, number>();
  for (const { ids } of wanted) for (const id of new Set(ids)) documents.set(id, (documents.get(id) ?? 0) + 1);
  const special = new Set(specialIds);
  const weight = (id: number): number => {
    if (special.has(id)) return 0;
    return idf ? Math.log((references.length + 1) / ((documents.get(id) ?? 0) + 1)) : 1;
  };
  const stretch = (score: number): number => (baseline === null ? score : (score - baseline) / (1 - baseline));
  const raw = wanted.map((reference, i) => {
    const [precision, recall] = [matched(given[i]!, reference, weight), matched(reference, given[i]!, weight)];
    return { precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
  });
  return {
    precision: raw.map(scores => stretch(scores.precision)),
    recall: raw.map(scores => stretch(scores.recall)),
    f1: raw.map(scores => stretch(scores.f1)),
  };
}
