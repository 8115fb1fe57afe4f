/** Submissions to a leaderboard and what became of them. */
import { FormatError, nonEmpty, notNull, parseEnum, ValidationError } from '@gtc/errors';
import { type ModelScore, type SubmissionConfig, type SubmissionResult, SubmissionStatus } from './configs.js';

/**
 * A submission as leaderboards take it. @throws {ValidationError} for no name or path
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.create_submission(model_name, model_path, model_size=, metadata=)`.
 */
export function createSubmission(
  modelName: string,
  modelPath: string,
  { modelSize = null, metadata = null }: { readonly modelSize?: number | null; readonly metadata?: Readonly<Record<string, unknown>> | null } = {},
): Readonly<Record<string, unknown>> {
  nonEmpty(modelName, 'modelName');
  nonEmpty(modelPath, 'modelPath');
  return {
    model_name: modelName,
    model_path: modelPath,
    submission_date: new Date().toISOString(),
    ...(modelSize === null ? {} : { model_size: modelSize }),
    ...(metadata === null ? {} : { metadata }),
  };
}

/**
 * Reads what a leaderboard answered.
 *
 * @throws {ValidationError} for no answer, one without `submission_id` or with an unknown status
 * @throws {FormatError} for a score without `metric_name` and `score`
 * @remarks Python: `hf_gtc.evaluation.leaderboards.parse_submission_result(response)`.
 */
export function parseSubmissionResult(response: Readonly<Record<string, unknown>>): SubmissionResult {
  notNull(response, 'response');
  for (const key of ['submission_id', 'status'])
    if (!Object.hasOwn(response, key)) throw new ValidationError(`response must have ${key}`, { parameter: 'response', expected: key });
  const scores = response['scores'] as readonly Readonly<Record<string, unknown>>[] | null | undefined;
  return {
    submissionId: response['submission_id'] as string,
    status: parseEnum(SubmissionStatus, response['status'] as string, 'status'),
    scores: scores?.map(scoreOf) ?? null,
    rank: (response['rank'] as number | undefined) ?? null,
    errorMessage: (response['error_message'] as string | undefined) ?? null,
  };
}

function scoreOf(raw: Readonly<Record<string, unknown>>, index: number): ModelScore {
  const { metric_name: metricName, score, is_higher_better: isHigherBetter = true } = raw;
  if (typeof metricName !== 'string' || typeof score !== 'number')
    throw new FormatError(`response.scores[${index}] must have metric_name and score`, { parameter: `response.scores[${index}]`, received: raw });
  return { metricName, score, isHigherBetter: isHigherBetter as boolean };
}

/**
 * Whether a submission names its model and its path.
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.validate_submission(submission)`; exact.
 */
export function validateSubmission(submission: Readonly<Record<string, unknown>>): boolean {
  notNull(submission, 'submission');
  return Boolean(submission['model_name']) && Boolean(submission['model_path']);
}

/**
 * A submission as lines of text.
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.format_submission(submission_config)`; the same text.
 */
export function formatSubmission(submissionConfig: SubmissionConfig): string {
  const { modelName, revision, precision, numFewShot } = notNull(submissionConfig, 'submissionConfig');
  return [
    'Submission Configuration',
    '='.repeat(30),
    `Model: ${modelName}`,
    `Revision: ${revision}`,
    `Precision: ${precision}`,
    `Few-shot Examples: ${numFewShot}`,
  ].join('\n');
}
