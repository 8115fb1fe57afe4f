/** Guardrails: what a text may hold, personal data in it, and what is done about violations. Mirrors `hf_gtc.safety.guardrails`. */
import { createFrom, type Definition, notNull, parseEnum, ValidationError, validate, valuesOf } from '@gtc/errors';

export * from './internal/guardrails/limits.js';

/** Personal data that a pattern tells: kind, pattern, and the switch that looks for it. */
const PERSONAL_DATA: readonly (readonly [kind: string, pattern: RegExp, field: 'detectEmail' | 'detectPhone' | 'detectSsn' | 'detectCreditCard'])[] = [
  ['email', /\b[\w.%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,}\b/g, 'detectEmail'],
  ['phone', /(?<!\d)(?:\+?1[-. ]?)?\(?\d{3}\)?[-. ]?\d{3}[-. ]?\d{4}(?!\d)/g, 'detectPhone'],
  ['ssn', /\b\d{3}[- ]?\d{2}[- ]?\d{4}\b/g, 'detectSsn'],
  ['credit_card', /\b(?:\d{4}[- ]?){3}\d{4}\b|\b3[47]\d{2}[- ]?\d{6}[- ]?\d{5}\b/g, 'detectCreditCard'],
];

/** @throws {ValidationError} naming the rule and what is wrong with it */
function compileRule(rule: string, flags = ''): RegExp {
  try {
    return new RegExp(rule, `i${flags}`);
  } catch (error) {
    throw new ValidationError(`customRules must be regular expressions, got '${rule}': ${(error as Error).message}`, {
      parameter: 'customRules',
      received: rule,
      cause: error,
    });
  }
}

function ruleProblem(rule: string): string | null {
  try {
    compileRule(rule);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Where and what a guardrail checks. */
export const GuardrailType = {
  INPUT_FILTER: 'input_filter',
  OUTPUT_FILTER: 'output_filter',
  TOPIC_FILTER: 'topic_filter',
  PII_FILTER: 'pii_filter',
  TOXICITY_FILTER: 'toxicity_filter',
} as const;
export type GuardrailType = (typeof GuardrailType)[keyof typeof GuardrailType];

/** Kinds of content. */
export const ContentCategory = {
  SAFE: 'safe',
  UNSAFE: 'unsafe',
  HATE: 'hate',
  VIOLENCE: 'violence',
  SEXUAL: 'sexual',
  SELF_HARM: 'self_harm',
  DANGEROUS: 'dangerous',
} as const;
export type ContentCategory = (typeof ContentCategory)[keyof typeof ContentCategory];

/** What is done about a violation. */
export const ActionType = { ALLOW: 'allow', BLOCK: 'block', WARN: 'warn', REDACT: 'redact', REPHRASE: 'rephrase' } as const;
export type ActionType = (typeof ActionType)[keyof typeof ActionType];

/** Values of {@link GuardrailType}. */
export const VALID_GUARDRAIL_TYPES: ReadonlySet<GuardrailType> = new Set(Object.values(GuardrailType));

/** Values of {@link ContentCategory}. */
export const VALID_CONTENT_CATEGORIES: ReadonlySet<ContentCategory> = new Set(Object.values(ContentCategory));

/** Values of {@link ActionType}. */
export const VALID_ACTION_TYPES: ReadonlySet<ActionType> = new Set(Object.values(ActionType));

/** One guardrail. */
export interface GuardrailConfig {
  readonly guardrailType: GuardrailType;
  readonly actionOnViolation: ActionType;
  readonly threshold: number;
  readonly enabled: boolean;
}

/** Defaults and rules of {@link GuardrailConfig}. */
export const GuardrailConfig: Definition<GuardrailConfig> = {
  name: 'GuardrailConfig',
  fields: {
    guardrailType: { kind: 'enum', of: GuardrailType },
    actionOnViolation: { kind: 'enum', of: ActionType, default: ActionType.BLOCK },
    threshold: { kind: 'float', default: 0.5, min: 0.0, max: 1.0 },
    enabled: { kind: 'bool', default: true },
  },
};

/** What may be said. */
export interface ContentPolicyConfig {
  readonly blockedCategories: ReadonlySet<ContentCategory>;
  readonly allowedTopics: ReadonlySet<string>;
  /** Regular expressions; a match is a violation, capitals do not matter. */
  readonly customRules: readonly string[];
}

/** Defaults and rules of {@link ContentPolicyConfig}. */
export const ContentPolicyConfig: Definition<ContentPolicyConfig> = {
  name: 'ContentPolicyConfig',
  fields: {
    blockedCategories: { kind: 'set', of: { kind: 'enum', of: ContentCategory }, default: new Set([]) },
    allowedTopics: { kind: 'set', of: { kind: 'string' }, default: new Set([]) },
    customRules: { kind: 'array', of: { kind: 'string' }, default: [] },
  },
  rules: [({ customRules }) => customRules.map(ruleProblem).find(problem => problem !== null) ?? null],
};

/** Which personal data are looked for. */
export interface PIIConfig {
  readonly detectEmail: boolean;
  readonly detectPhone: boolean;
  readonly detectSsn: boolean;
  readonly detectCreditCard: boolean;
  /** Stands for each character of what is redacted. */
  readonly redactionChar: string;
}

/** Defaults and rules of {@link PIIConfig}. */
export const PIIConfig: Definition<PIIConfig> = {
  name: 'PIIConfig',
  fields: {
    detectEmail: { kind: 'bool', default: true },
    detectPhone: { kind: 'bool', default: true },
    detectSsn: { kind: 'bool', default: true },
    detectCreditCard: { kind: 'bool', default: true },
    redactionChar: { kind: 'string', default: '*', matches: [/^.$/su, 'a single character'] },
  },
};

/** A classifier of toxic text. */
export interface ToxicityConfig {
  readonly modelId: string;
  readonly threshold: number;
  readonly categories: readonly string[];
}

/** Defaults and rules of {@link ToxicityConfig}. */
export const ToxicityConfig: Definition<ToxicityConfig> = {
  name: 'ToxicityConfig',
  fields: {
    modelId: { kind: 'string', default: 'unitary/toxic-bert', nonEmpty: true },
    threshold: { kind: 'float', default: 0.5, min: 0.0, max: 1.0 },
    categories: { kind: 'array', of: { kind: 'string' }, default: ['toxic', 'severe_toxic', 'obscene', 'threat', 'insult', 'identity_hate'], nonEmpty: true },
  },
};

/** What a check found. */
export interface GuardrailResult {
  readonly isSafe: boolean;
  readonly violations: readonly string[];
  readonly actionTaken: ActionType;
  /** The redacted text, when that was the action. */
  readonly modifiedContent: string | null;
}

/** Defaults and rules of {@link GuardrailResult}. */
export const GuardrailResult: Definition<GuardrailResult> = {
  name: 'GuardrailResult',
  fields: {
    isSafe: { kind: 'bool' },
    violations: { kind: 'array', of: { kind: 'string' }, default: [] },
    actionTaken: { kind: 'enum', of: ActionType, default: ActionType.ALLOW },
    modifiedContent: { kind: 'string', default: null, nullable: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateGuardrailConfig(config: GuardrailConfig): void {
  validate(GuardrailConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateContentPolicyConfig(config: ContentPolicyConfig): void {
  validate(ContentPolicyConfig, config);
}

/** Settles a {@link GuardrailConfig}. @throws {ValidationError} naming every broken rule */
export function createGuardrailConfig(
  guardrailType: GuardrailConfig['guardrailType'],
  options: Partial<Omit<GuardrailConfig, 'guardrailType'>> = {},
): GuardrailConfig {
  return createFrom(GuardrailConfig, { ...options, guardrailType });
}

/** Settles a {@link PIIConfig}. @throws {ValidationError} naming every broken rule */
export function createPiiConfig(options: Partial<PIIConfig> = {}): PIIConfig {
  return createFrom(PIIConfig, options);
}

/** Guardrail types in ascending order. */
export function listGuardrailTypes(): GuardrailType[] {
  return valuesOf(GuardrailType);
}

/** Content categories in ascending order. */
export function listContentCategories(): ContentCategory[] {
  return valuesOf(ContentCategory);
}

/** Action types in ascending order. */
export function listActionTypes(): ActionType[] {
  return valuesOf(ActionType);
}

/** @throws {ValidationError} naming the values of {@link GuardrailType} */
export function getGuardrailType(name: string): GuardrailType {
  return parseEnum(GuardrailType, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ContentCategory} */
export function getContentCategory(name: string): ContentCategory {
  return parseEnum(ContentCategory, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ActionType} */
export function getActionType(name: string): ActionType {
  return parseEnum(ActionType, name, 'name');
}

/**
 * Settles a {@link ContentPolicyConfig}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.safety.guardrails.create_content_policy_config(blocked_categories=, allowed_topics=, custom_rules=)`.
 */
export function createContentPolicyConfig({
  blockedCategories,
  allowedTopics,
  customRules,
}: { readonly [K in keyof ContentPolicyConfig]?: ContentPolicyConfig[K] | null } = {}): ContentPolicyConfig {
  return createFrom(ContentPolicyConfig, {
    blockedCategories: blockedCategories ?? new Set(),
    allowedTopics: allowedTopics ?? new Set(),
    customRules: customRules ?? [],
  });
}

/**
 * Settles a {@link ToxicityConfig}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.safety.guardrails.create_toxicity_config(model_id=, threshold=, categories=)`.
 */
export function createToxicityConfig(options: { readonly [K in keyof ToxicityConfig]?: ToxicityConfig[K] | null } = {}): ToxicityConfig {
  const { categories, ...rest } = options;
  return createFrom(ToxicityConfig, (categories ? { ...rest, categories } : rest) as Partial<ToxicityConfig>);
}

/** What personal data a text holds: kinds in a fixed order, with the places of each. */
function findPersonalData(content: string, config: PIIConfig): { readonly kind: string; readonly spans: readonly (readonly [start: number, end: number])[] }[] {
  return PERSONAL_DATA.filter(([, , field]) => config[field])
    .map(([kind, pattern]) => ({ kind, spans: [...content.matchAll(pattern)].map(match => [match.index, match.index + match[0].length] as const) }))
    .filter(({ spans }) => spans.length > 0);
}

/** Every character of the spans replaced; all are found before any is changed, so that one cannot hide another. */
function redact(content: string, found: ReturnType<typeof findPersonalData>, char: string): string {
  const hidden = new Set(found.flatMap(({ spans }) => spans.flatMap(([start, end]) => Array.from({ length: end - start }, (_, i) => start + i))));
  return content
    .split('')
    .map((unit, index) => (hidden.has(index) ? char : unit))
    .join('');
}

/**
 * Looks for personal data and for matches of the policy's rules. The action is that of the guardrail, or a warning; a guardrail that is not enabled
 * lets everything
 * pass.
 *
 * @throws {ValidationError} for a rule that is no regular expression
 * @remarks Python: `hf_gtc.safety.guardrails.check_content_safety(content, guardrail_config=, pii_config=, policy_config=)`.
 */
export function checkContentSafety(
  content: string,
  {
    guardrailConfig = null,
    piiConfig = null,
    policyConfig = null,
  }: { readonly guardrailConfig?: GuardrailConfig | null; readonly piiConfig?: PIIConfig | null; readonly policyConfig?: ContentPolicyConfig | null } = {},
): GuardrailResult {
  notNull(content, 'content');
  if (guardrailConfig !== null && !guardrailConfig.enabled) return createFrom(GuardrailResult, { isSafe: true });
  const personal = piiConfig === null ? [] : findPersonalData(content, piiConfig);
  const violations = [
    ...personal.map(({ kind }) => `PII detected: ${kind}`),
    ...(policyConfig?.customRules ?? []).filter(rule => compileRule(rule).test(content)).map(rule => `Custom rule violation: ${rule}`),
  ];
  if (violations.length === 0) return createFrom(GuardrailResult, { isSafe: true });
  const actionTaken = guardrailConfig?.actionOnViolation ?? 'warn';
  const modifiedContent = actionTaken === 'redact' && piiConfig !== null ? redact(content, personal, piiConfig.redactionChar) : null;
  return createFrom(GuardrailResult, { isSafe: false, violations, actionTaken, modifiedContent });
}

/**
 * 1 less 0.2 for each kind of personal data and each match of a rule, at least 0.
 *
 * @throws {ValidationError} for a rule that is no regular expression
 * @remarks Python: `hf_gtc.safety.guardrails.calculate_safety_score(content, pii_config=, policy_config=)`; within 1e-12.
 * @example calculateSafetyScore('') // => 1
 */
export function calculateSafetyScore(
  content: string,
  { piiConfig = null, policyConfig = null }: { readonly piiConfig?: PIIConfig | null; readonly policyConfig?: ContentPolicyConfig | null } = {},
): number {
  notNull(content, 'content');
  const kinds = piiConfig === null ? 0 : findPersonalData(content, piiConfig).length;
  const matches = (policyConfig?.customRules ?? []).map(rule => [...content.matchAll(compileRule(rule, 'g'))].length);
  return Math.max(0, 1 - 0.2 * (kinds + matches.reduce((total, count) => total + count, 0)));
}
