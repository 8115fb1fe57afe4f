/** Pipelines: a model behind the name of its task. Mirrors `hf_gtc.inference.pipelines`. */
import { notNull, oneOf } from '@gtc/errors';

/** A task that a pipeline can be made for. */
export type SupportedTask =
  | 'audio-classification'
  | 'automatic-speech-recognition'
  | 'depth-estimation'
  | 'document-question-answering'
  | 'feature-extraction'
  | 'fill-mask'
  | 'image-classification'
  | 'image-feature-extraction'
  | 'image-segmentation'
  | 'image-to-text'
  | 'mask-generation'
  | 'ner'
  | 'object-detection'
  | 'question-answering'
  | 'sentiment-analysis'
  | 'summarization'
  | 'table-question-answering'
  | 'text-classification'
  | 'text-generation'
  | 'text2text-generation'
  | 'token-classification'
  | 'translation'
  | 'video-classification'
  | 'visual-question-answering'
  | 'zero-shot-classification'
  | 'zero-shot-image-classification'
  | 'zero-shot-object-detection';

/** Values of {@link SupportedTask}. */
export const SUPPORTED_TASKS: ReadonlySet<SupportedTask> = new Set<SupportedTask>([
  'audio-classification',
  'automatic-speech-recognition',
  'depth-estimation',
  'document-question-answering',
  'feature-extraction',
  'fill-mask',
  'image-classification',
  'image-feature-extraction',
  'image-segmentation',
  'image-to-text',
  'mask-generation',
  'ner',
  'object-detection',
  'question-answering',
  'sentiment-analysis',
  'summarization',
  'table-question-answering',
  'text-classification',
  'text-generation',
  'text2text-generation',
  'token-classification',
  'translation',
  'video-classification',
  'visual-question-answering',
  'zero-shot-classification',
  'zero-shot-image-classification',
  'zero-shot-object-detection',
]);

/** A model that does one or several tasks. */
export interface PipelineModel<I, O> {
  run(task: string, input: I): O | Promise<O>;
}

/**
 * Tasks in ascending order.
 *
 * @remarks Python: `hf_gtc.inference.pipelines.list_supported_tasks()`.
 */
export function listSupportedTasks(): string[] {
  return [...SUPPORTED_TASKS].sort();
}

/**
 * A model as a function of its input.
 *
 * @param task one of {@link SUPPORTED_TASKS}
 * @param options `model` that does the task
 * @throws {ValidationError} naming the tasks that are supported, or that no model was given
 * @remarks Python: `hf_gtc.inference.pipelines.create_pipeline(task, model=, device=, torch_dtype=, kwargs=)`.
 * @example await createPipeline('text-classification', { model: { run: (task, input: string) => `${task}: ${input}` } })('fine') // => 'text-classification: fine'
 */
export function createPipeline<I, O>(task: string, { model = null }: { readonly model?: PipelineModel<I, O> | null } = {}): (input: I) => Promise<O> {
  oneOf(task, 'task', SUPPORTED_TASKS);
  const runner = notNull(model, 'model');
  return async input => runner.run(task, input);
}
