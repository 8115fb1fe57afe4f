/** `gtc run evaluate`: how well a language model foretells a text, and how far its confidence can be trusted. */
import { basename } from 'node:path';
import { calculateBrierScore, calculateEce } from '@gtc/evaluation/calibration';
import { bootstrap } from '@gtc/evaluation/comparison';
import { builtinTask, evaluate as runTasks } from '@gtc/evaluation/harness';
import type { ModelInputs, TransformerModel } from '@gtc/models/architectures';
import { noGrad, scope, softmax } from '@gtc/tensor';
import { DEFAULTS, STATE_OF_THE_UNION } from './data.js';
import { readMeasured, type Window } from './language-model.js';
import type { Recipe, RecipeOptions, RecipeResult, Surroundings } from './recipe.js';
import { row, whole, writtenRows } from './report.js';

const [CONTEXT, RESAMPLES, LEVEL] = [128, 2000, 0.95];
/** Asked beside the text: whether verbs agree with their subjects. */
const TASK = 'agreement';

/** What the model made of the next tokens of one window. */
interface Foretold {
  /** Mean negative log-likelihood. */
  readonly loss: number;
  /** Probability of each likeliest token, and whether it came. */
  readonly confidences: readonly number[];
  readonly hits: readonly number[];
  /** Whether the right token was among the five likeliest. */
  readonly nearHits: number;
}

function foretell(model: TransformerModel, window: Window): Foretold {
  return noGrad(() =>
    scope(() => {
      const { logits } = model.forward({ inputIds: [window] });
      const rows = (softmax(logits!, { axis: -1 }).tolist() as number[][][])[0]!;
      const [confidences, hits]: [number[], number[]] = [[], []];
      let [sum, nearHits] = [0, 0];
      for (let at = 0; at + 1 < window.length; at++) {
        const [probabilities, right] = [rows[at]!, window[at + 1]!];
        const above = probabilities.reduce((count, each) => count + (each > probabilities[right]! ? 1 : 0), 0);
        sum -= Math.log(Math.max(probabilities[right]!, Number.MIN_VALUE));
        confidences.push(probabilities.reduce((most, each) => Math.max(most, each), 0));
        hits.push(above === 0 ? 1 : 0);
        if (above < 5) nearHits++;
      }
      return { loss: sum / (window.length - 1), confidences, hits, nearHits };
    }),
  );
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

async function run(options: RecipeOptions, { files, progress, now }: Surroundings): Promise<RecipeResult> {
  const begin = now();
  const { model, tokenizer, config, output, heldOut } = await readMeasured(options, files, CONTEXT);
  const foretold = heldOut.map((window, i) => {
    progress.update(`reading window ${i + 1} of ${heldOut.length}`);
    return foretell(model, window);
  });
  const losses = foretold.map(({ loss }) => loss);
  const [confidences, hits] = [foretold.flatMap(each => each.confidences), foretold.flatMap(each => each.hits)];
  const loss = mean(losses);
  const { low, high } =
    losses.length < 2
      ? { low: loss, high: loss }
      : bootstrap(losses, 'mean', { method: 'percentile', nResamples: RESAMPLES, confidenceLevel: LEVEL, seed: options.seed });
  progress.update(`asking for ${TASK}`);
  const { tasks, tokenizerHash } = await runTasks(
    {
      name: options.base,
      encode: text => [...tokenizer.encodeIds(text)],
      // Stands before a document without context, of which the task has none.
      prefixToken: 0,
      maxLength: CONTEXT,
      logits: (inputIds, attentionMask) => noGrad(() => model.forward({ inputIds, attentionMask } as ModelInputs).logits!),
    },
    [builtinTask(TASK)],
    { seed: options.seed },
  );
  const [{ scores, promptHash, numDocs }] = tasks as [(typeof tasks)[number]];
  const { value, stderr } = scores['acc_norm']!;
  const bytes = new TextEncoder().encode(tokenizer.decode(heldOut.flat())).length;
  const json = {
    recipe: 'evaluate',
    text: basename(options.text),
    base: { path: options.base, modelType: String(config['model_type']) },
    tokens: heldOut.length * CONTEXT,
    perplexity: Math.exp(loss),
    interval: { level: LEVEL, low: Math.exp(low), high: Math.exp(high) },
    bitsPerByte: (loss * heldOut.length * CONTEXT) / (Math.LN2 * bytes),
    accuracy: mean(hits),
    accuracyAt5: foretold.reduce((sum, each) => sum + each.nearHits, 0) / hits.length,
    calibrationError: calculateEce(confidences, hits),
    brier: calculateBrierScore(confidences, hits),
    task: { name: TASK, accuracy: value, stderr, documents: numDocs, promptHash, tokenizerHash },
    seconds: { all: (now() - begin) / 1000 },
  };
  const content = await output.finish({}, json);
  const lines = [
    `${json.base.modelType} on the held-out end of ${json.text}, done in ${json.seconds.all.toFixed(1)} s`,
    '',
    row('tokens', whole(json.tokens)),
    row(
      'perplexity',
      `${json.perplexity.toFixed(2)} (${100 * LEVEL} % of resampled windows: ${json.interval.low.toFixed(2)} to ${json.interval.high.toFixed(2)})`,
    ),
    row('bits per byte', json.bitsPerByte.toFixed(3)),
    row('next token', `${(100 * json.accuracy).toFixed(1)} % right, ${(100 * json.accuracyAt5).toFixed(1)} % among the first five`),
    row('confidence', `off by ${(100 * json.calibrationError).toFixed(1)} points on average (ECE), Brier score ${json.brier.toFixed(3)}`),
    row(TASK, `${(100 * value).toFixed(1)} ± ${(100 * stderr).toFixed(1)} % of ${numDocs} verbs right (prompt ${promptHash}, tokenizer ${tokenizerHash})`),
    ...writtenRows(options.out, content),
  ];
  return { json: { ...json, out: options.out, files: Object.keys(content) }, text: lines.join('\n') };
}

/** Measures a language model on a text. */
export const evaluate: Recipe = {
  defaults: { ...DEFAULTS, text: STATE_OF_THE_UNION },
  run,
};
