/** What goes into a system and how often: filters of content, checks of input, limits of rate, and their figures. */
import { createFrom, type Definition, formatFixed, nonNegative, textLength, ValidationError, validate } from '@gtc/errors';

/** What is done about content. */
export const GuardrailAction = { ALLOW: 'allow', BLOCK: 'block', WARN: 'warn', FLAG: 'flag', REDACT: 'redact', REPLACE: 'replace' } as const;
export type GuardrailAction = (typeof GuardrailAction)[keyof typeof GuardrailAction];

/** Which content is filtered. */
export interface ContentFilterConfig {
  /** Score from which content counts, 0 to 1. */
  readonly threshold: number;
  /** Names of categories; every unsafe one when empty. */
  readonly categories: readonly string[];
  readonly action: GuardrailAction;
  /** Counts a category that is close to its threshold. */
  readonly strictMode: boolean;
  readonly replacementText: string;
}

/** Defaults and rules of {@link ContentFilterConfig}. */
export const ContentFilterConfig: Definition<ContentFilterConfig> = {
  name: 'ContentFilterConfig',
  fields: {
    threshold: { kind: 'float', default: 0.5, min: 0, max: 1 },
    categories: { kind: 'array', of: { kind: 'string', nonEmpty: true }, default: [] },
    action: { kind: 'enum', of: GuardrailAction, default: GuardrailAction.BLOCK },
    strictMode: { kind: 'bool', default: false },
    replacementText: { kind: 'string', default: '[filtered]' },
  },
};

/** What an input may be. */
export interface InputValidationConfig {
  /** In characters. */
  readonly maxLength: number;
  readonly minLength: number;
  /** A class of characters as in a regular expression, `a-z0-9 `; any when null. */
  readonly allowedChars: string | null;
  /** Regular expressions, whatever the case. */
  readonly blockedPatterns: readonly string[];
  readonly stripWhitespace: boolean;
}

/** @throws {ValidationError} naming the field and what is wrong with the pattern */
function compile(source: string, name: string): RegExp {
  try {
    return new RegExp(source, 'iu');
  } catch (error) {
    throw new ValidationError(`${name} must be regular expressions, got '${source}': ${(error as Error).message}`, {
      parameter: name,
      received: source,
      cause: error,
    });
  }
}

function patternIssue(sources: readonly string[], name: string): string | null {
  try {
    for (const source of sources) compile(source, name);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Defaults and rules of {@link InputValidationConfig}. */
export const InputValidationConfig: Definition<InputValidationConfig> = {
  name: 'InputValidationConfig',
  fields: {
    maxLength: { kind: 'int', default: 10000, positive: true },
    minLength: { kind: 'int', default: 1, nonNegative: true },
    allowedChars: { kind: 'string', default: null, nullable: true },
    blockedPatterns: { kind: 'array', of: { kind: 'string', nonEmpty: true }, default: [] },
    stripWhitespace: { kind: 'bool', default: true },
  },
  rules: [
    ({ minLength, maxLength }) => (minLength > maxLength ? `minLength must be at most maxLength ${maxLength}, got ${minLength}` : null),
    ({ allowedChars }) => (allowedChars === null ? null : patternIssue([`^[${allowedChars}]*$`], 'allowedChars')),
    ({ blockedPatterns }) => patternIssue(blockedPatterns, 'blockedPatterns'),
  ],
};

/**
 * An input that may pass, without the white space around it where that is stripped. Patterns are trusted: keep ones out that backtrack without end.
 *
 * @throws {ValidationError} for an input that is too short, too long, of other characters, or matched by a blocked pattern
 * @remarks Rust: `safety::guardrails::InputValidationConfig::validate_input(input)`.
 * @example validateInput('  hello ') // => 'hello'
 */
export function validateInput(input: string, { config = null }: { readonly config?: InputValidationConfig | null } = {}): string {
  const settings = config ?? createFrom(InputValidationConfig);
  validate(InputValidationConfig, settings);
  const { minLength, maxLength, allowedChars, blockedPatterns, stripWhitespace } = settings;
  const text = stripWhitespace ? input.trim() : input;
  const refuse = (rule: string): ValidationError => new ValidationError(`input must ${rule}`, { parameter: 'input', received: input });
  const length = textLength(text);
  if (length < minLength || length > maxLength) throw refuse(`have ${minLength} to ${maxLength} characters, got ${length}`);
  if (allowedChars !== null && !compile(`^[${allowedChars}]*$`, 'allowedChars').test(text)) throw refuse(`consist of the characters ${allowedChars}`);
  const blocked = blockedPatterns.find(pattern => compile(pattern, 'blockedPatterns').test(text));
  if (blocked !== undefined) throw refuse(`not match the blocked pattern '${blocked}'`);
  return text;
}

/** How often a system may be asked. */
export interface RateLimitConfig {
  readonly maxRequests: number;
  readonly windowSeconds: number;
  /** Wait after the limit was reached. */
  readonly cooldownSeconds: number;
  readonly allowBurst: boolean;
  /** Requests at once beyond the limit. */
  readonly burstSize: number;
}

/** Defaults and rules of {@link RateLimitConfig}. */
export const RateLimitConfig: Definition<RateLimitConfig> = {
  name: 'RateLimitConfig',
  fields: {
    maxRequests: { kind: 'int', default: 60, positive: true },
    windowSeconds: { kind: 'int', default: 60, positive: true },
    cooldownSeconds: { kind: 'int', default: 0, nonNegative: true },
    allowBurst: { kind: 'bool', default: false },
    burstSize: { kind: 'int', default: 10, positive: true },
  },
};

/**
 * Requests a second that a limit allows on average.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Rust: `safety::guardrails::RateLimitConfig::requests_per_second()`.
 * @example requestsPerSecond({ maxRequests: 120, windowSeconds: 60, cooldownSeconds: 0, allowBurst: false, burstSize: 10 }) // => 2
 */
export function requestsPerSecond(config: RateLimitConfig): number {
  validate(RateLimitConfig, config);
  return config.maxRequests / config.windowSeconds;
}

/**
 * Running figures of guardrails.
 *
 * @remarks Rust: `safety::guardrails::GuardrailStats`.
 * @example new GuardrailStats().passRate // => 0
 */
export class GuardrailStats {
  #passed = 0;
  readonly #actions: Map<string, number> = new Map();
  readonly #violations: Map<string, number> = new Map();

  /** Takes a verdict into account: whether the content was safe, what was done, and what was wrong with it. */
  record({ isSafe, actionTaken, violations }: { readonly isSafe: boolean; readonly actionTaken: string; readonly violations: readonly string[] }): void {
    const count = (map: Map<string, number>, key: string): Map<string, number> => map.set(key, (map.get(key) ?? 0) + 1);
    if (isSafe) this.#passed += 1;
    else count(this.#actions, actionTaken);
    for (const violation of violations) count(this.#violations, violation);
  }

  get totalChecks(): number {
    return [...this.#actions.values()].reduce((total, n) => total + n, this.#passed);
  }

  get passedChecks(): number {
    return this.#passed;
  }

  get blockedChecks(): number {
    return this.#actions.get('block') ?? 0;
  }

  get warnedChecks(): number {
    return this.#actions.get('warn') ?? 0;
  }

  /** How often each thing was wrong. */
  get categoryCounts(): Record<string, number> {
    return Object.fromEntries(this.#violations);
  }

  /** Share of safe content, 0 before the first check. */
  get passRate(): number {
    return this.totalChecks === 0 ? 0 : this.#passed / this.totalChecks;
  }

  /** Share of blocked content, 0 before the first check. */
  get blockRate(): number {
    return this.totalChecks === 0 ? 0 : this.blockedChecks / this.totalChecks;
  }

  /** The figures as text. */
  format(): string {
    return `Checks: ${this.totalChecks} | Passed: ${formatFixed(this.passRate * 100, 1)}% | Blocked: ${formatFixed(this.blockRate * 100, 1)}%`;
  }
}

/** Milliseconds that a check takes whatever the text, for a thousand characters, and for each category. */
const [CHECK_MS, TEXT_MS, CATEGORY_MS] = [5, 2, 1] as const;

/**
 * Milliseconds to moderate a text, at a guess.
 *
 * @param textLength in characters
 * @throws {ValidationError} for negative counts
 * @remarks Rust: `safety::guardrails::estimate_moderation_latency(text_length, categories)`.
 * @example estimateModerationLatency(1000, 3) // => 10
 */
export function estimateModerationLatency(textLength: number, categories: number): number {
  return CHECK_MS + (nonNegative(textLength, 'textLength') / 1000) * TEXT_MS + nonNegative(categories, 'categories') * CATEGORY_MS;
}
