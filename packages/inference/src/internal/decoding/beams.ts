/** Beam search: several texts are followed at a time, the best that end are kept. */
import { logSoftmaxOf, topKOf } from '@gtc/tensor/logits';
import type { CausalLM, GenerateOptions, GenerateOutput, GenerationCache, Settings } from './options.js';
import { processed, Scorer } from './scorer.js';

/** What no text is worth. */
const WORST = Math.fround(-1e9);

/** A text under way or at its end. */
interface Beam {
  readonly ids: readonly number[];
  /** Sum of log-probabilities under way, that over a power of the length at the end. */
  readonly score: number;
  /** Rows that its tokens continued. */
  readonly rows: readonly number[];
  readonly ended: boolean;
}

/** The beams of a prompt. */
class Search {
  running: readonly Beam[];
  kept: readonly Beam[];
  /** Whether a text under way may still beat one that is kept. */
  hopeful = true;
  readonly #settings: Settings;

  constructor(prompt: readonly number[], settings: Settings) {
    this.#settings = settings;
    this.running = Array.from({ length: settings.numBeams }, (_, i) => ({ ids: prompt, score: i === 0 ? 0 : WORST, rows: [], ended: false }));
    this.kept = this.running.map(beam => ({ ...beam, score: WORST }));
  }

  /** Whether enough texts have ended. */
  get full(): boolean {
    return this.kept.every(({ ended }) => ended);
  }

  /**
   * Goes a token on.
   *
   * @param scores of each beam @param first row of the first beam in the batch @param ends whether a text ends with its newest token
   * @returns rows that the new beams continue, and whether all candidates have ended
   */
  advance(scores: readonly Float32Array[], first: number, ends: (ids: readonly number[]) => boolean): { readonly rows: number[]; readonly over: boolean } {
    const { numBeams, ends: eos, promptLength, lengthPenalty, earlyStopping } = this.#settings;
    const classes = scores[0]!.length;
    const sums = new Float32Array(numBeams * classes);
    for (const [beam, { score }] of this.running.entries())
      for (let id = 0; id < classes; id++) sums[beam * classes + id] = Math.fround(scores[beam]![id]! + score);
    const { ids: places, values } = topKOf(sums, Math.min(sums.length, Math.max(2, 1 + eos.length) * numBeams));
    const candidates = Array.from(places, (place, i) => {
      const from = Math.floor(place / classes);
      const { ids, rows } = this.running[from]!;
      const sequence = [...ids, place % classes];
      return { ids: sequence, score: values[i]!, rows: [...rows, first + from], ended: ends(sequence) };
    });
    const later = candidates.map(each => ({ ...each, score: each.ended ? Math.fround(each.score + WORST) : each.score }));
    const length = candidates[0]!.ids.length - promptLength;
    const settled = (this.full && earlyStopping === true ? WORST : 0) + (this.hopeful ? 0 : WORST);
    const finished = candidates.map((each, i) => {
      const counts = each.ended && i < numBeams;
      return { ...each, score: Math.fround(each.score / length ** lengthPenalty) + settled + (counts ? 0 : WORST), ended: counts };
    });
    this.running = best(later, numBeams);
    this.kept = best([...this.kept, ...finished], numBeams);
    this.hopeful &&= this.#mayImprove(length);
    return { rows: this.running.map(({ rows }) => rows.at(-1)!), over: candidates.every(({ ended }) => ended) };
  }

  #mayImprove(length: number): boolean {
    const { lengthPenalty, earlyStopping, maxNewTokens } = this.#settings;
    const reach = earlyStopping === 'never' && lengthPenalty > 0 ? maxNewTokens : length;
    const possible = this.running[0]!.score / reach ** lengthPenalty;
    const worst = Math.min(...this.kept.map(({ score }) => score));
    return this.kept.some(({ ended }) => possible > (ended ? worst : WORST));
  }
}

/** The greatest scores, of equals the first ones. */
const best = (beams: readonly Beam[], count: number): Beam[] => [...beams].sort((a, b) => b.score - a.score).slice(0, count);

/** Texts of the best beams. */
export async function searchBeams<C extends GenerationCache>(model: CausalLM<C>, settings: Settings, options: GenerateOptions): Promise<GenerateOutput> {
  const { prompts, numBeams, ends, processors, maxNewTokens, promptLength, pad, numReturnSequences, earlyStopping } = settings;
  const scorer = new Scorer(model, settings);
  const searches = prompts.map(prompt => new Search(prompt, settings));
  const last = promptLength + maxNewTokens;
  const isEnd = (row: number) => (ids: readonly number[]) => ids.length >= last || ends.includes(ids.at(-1)!) || (options.stopWhen?.(ids, row) ?? false);
  const scores: Float32Array[][] = [];
  let fresh = prompts;
  for (let isFirst = true; ; isFirst = false) {
    const read = scorer.read(fresh);
    // The prompts are read once, and shared by their beams.
    const rows = isFirst ? read.flatMap(row => Array<Float32Array[]>(numBeams).fill(row)) : read;
    if (isFirst) scorer.reorder(prompts.flatMap((_, row) => Array<number>(numBeams).fill(row)));
    const running = searches.flatMap(search => search.running);
    const step = rows.map(([row], i) => processed(logSoftmaxOf(row!), processors, running[i]!.ids, Math.floor(i / numBeams)));
    if (options.outputScores) scores.push(step);
    const moves = searches.map((search, i) => search.advance(step.slice(i * numBeams, (i + 1) * numBeams), i * numBeams, isEnd(i)));
    const done = earlyStopping === true && searches.every(({ full }) => full);
    if (done || moves.every(({ over }) => over) || !searches.some(({ hopeful }) => hopeful) || options.signal?.aborted) break;
    scorer.reorder(moves.flatMap(move => move.rows));
    fresh = searches.flatMap(search => search.running.map(({ ids }) => ids.slice(-1)));
    if (options.signal !== undefined) await new Promise(resolve => setTimeout(resolve, 0));
  }
  const chosen = searches.flatMap(({ kept }) => kept.slice(0, numReturnSequences));
  const length = Math.max(...chosen.map(({ rows }) => rows.length));
  const filled = (values: readonly number[], count: number, fill: number): number[] => [
    ...values,
    ...Array<number>(Math.max(0, count - values.length)).fill(fill),
  ];
  return {
    sequences: chosen.map(({ ids }) => filled(ids, promptLength + length, pad)),
    sequencesScores: chosen.map(({ score }) => score),
    beamIndices: chosen.map(({ rows }) => filled(rows, length, -1)),
    scores,
    forwards: scorer.forwards,
  };
}
