/** Personal data in texts: what was found, how risky it is, how it is hidden and how long it may be kept. */
import { createFrom, type Definition, nonNegative, parseEnum, ValidationError, validate } from '@gtc/errors';

/** Kinds of personal data. */
export const PiiType = {
  EMAIL: 'email',
  PHONE: 'phone',
  SSN: 'ssn',
  CREDIT_CARD: 'credit_card',
  NAME: 'name',
  ADDRESS: 'address',
  DATE_OF_BIRTH: 'date_of_birth',
  IP_ADDRESS: 'ip_address',
  LICENSE_PLATE: 'license_plate',
  MEDICAL_ID: 'medical_id',
} as const;
export type PiiType = (typeof PiiType)[keyof typeof PiiType];

/** Ways to hide personal data. */
export const AnonymizationMethod = { REPLACE: 'replace', MASK: 'mask', HASH: 'hash', GENERALIZE: 'generalize', REMOVE: 'remove', ENCRYPT: 'encrypt' } as const;
export type AnonymizationMethod = (typeof AnonymizationMethod)[keyof typeof AnonymizationMethod];

/** Rules that a system answers to. */
export const ComplianceStandard = { GDPR: 'gdpr', CCPA: 'ccpa', HIPAA: 'hipaa', PCI_DSS: 'pci_dss', SOC2: 'soc2', CUSTOM: 'custom' } as const;
export type ComplianceStandard = (typeof ComplianceStandard)[keyof typeof ComplianceStandard];

/** Personal data that was found in a text. */
export interface PiiDetection {
  readonly piiType: PiiType;
  /** Place in the text, so that `text.slice(start, end)` is what was found. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** 0 to 1. */
  readonly confidence: number;
}

/** Defaults and rules of {@link PiiDetection}. */
export const PiiDetection: Definition<PiiDetection> = {
  name: 'PiiDetection',
  fields: {
    piiType: { kind: 'enum', of: PiiType },
    start: { kind: 'int', nonNegative: true },
    end: { kind: 'int', nonNegative: true },
    text: { kind: 'string' },
    confidence: { kind: 'float', default: 1, min: 0, max: 1 },
  },
  rules: [({ start, end }) => (end < start ? `end must be at or after start ${start}, got ${end}` : null)],
};

/** How long records are kept. */
export interface RetentionConfig {
  readonly retentionDays: number;
  readonly autoDelete: boolean;
  readonly requireConsent: boolean;
  /** Hides personal data instead of deleting the record. */
  readonly anonymizeAfter: boolean;
}

/** Defaults and rules of {@link RetentionConfig}. */
export const RetentionConfig: Definition<RetentionConfig> = {
  name: 'RetentionConfig',
  fields: {
    retentionDays: { kind: 'int', default: 365, positive: true },
    autoDelete: { kind: 'bool', default: true },
    requireConsent: { kind: 'bool', default: true },
    anonymizeAfter: { kind: 'bool', default: false },
  },
};

/**
 * Whether a record of an age may still be kept: up to its last day, or for good where nothing is deleted.
 *
 * @param ageDays not negative
 * @throws {ValidationError} for settings that break their rules or a negative age
 * @remarks Rust: `safety::privacy::RetentionConfig::should_retain(age_days)`.
 * @example shouldRetain({ retentionDays: 30, autoDelete: true, requireConsent: true, anonymizeAfter: false }, 31) // => false
 */
export function shouldRetain(config: RetentionConfig, ageDays: number): boolean {
  validate(RetentionConfig, config);
  return nonNegative(ageDays, 'ageDays') <= config.retentionDays || !config.autoDelete;
}

/**
 * A text whose personal data was hidden, and what was found.
 *
 * @remarks Rust: `safety::privacy::AnonymizationResult`.
 * @example new AnonymizationResult('hello', 'mask').hasPii // => false
 */
export class AnonymizationResult {
  readonly text: string;
  readonly method: AnonymizationMethod;
  readonly detections: readonly PiiDetection[];

  constructor(text: string, method: AnonymizationMethod, detections: readonly PiiDetection[] = []) {
    this.text = text;
    this.method = parseEnum(AnonymizationMethod, method, 'method');
    this.detections = detections.map(detection => createFrom(PiiDetection, detection));
  }

  get piiCount(): number {
    return this.detections.length;
  }

  get hasPii(): boolean {
    return this.detections.length > 0;
  }

  get uniqueTypes(): Set<PiiType> {
    return new Set(this.detections.map(({ piiType }) => piiType));
  }
}

/** Harm of a disclosure, 0 to 10. */
const SENSITIVITY: Readonly<Record<PiiType, number>> = {
  email: 5,
  phone: 5,
  ssn: 10,
  credit_card: 10,
  name: 4,
  address: 6,
  date_of_birth: 6,
  ip_address: 3,
  license_plate: 5,
  medical_id: 9,
};

/**
 * Risk of a text by what was found in it: the mean of sensitivity times confidence, 0 to 1; 0 where nothing was.
 *
 * @throws {ValidationError} for a detection that breaks its rules
 * @remarks Rust: `safety::privacy::calculate_privacy_risk(detections)`.
 * @example calculatePrivacyRisk([{ piiType: 'ssn', start: 0, end: 11, text: '123-45-6789', confidence: 1 }]) // => 1
 */
export function calculatePrivacyRisk(detections: readonly PiiDetection[]): number {
  if (detections.length === 0) return 0;
  for (const [i, detection] of detections.entries()) validate(PiiDetection, detection, `detections[${i}]`);
  return detections.reduce((total, { piiType, confidence }) => total + (SENSITIVITY[piiType] * confidence) / 10, 0) / detections.length;
}

/**
 * A text with its middle masked, character by character; a text of no more than the visible characters is masked entirely.
 *
 * @param maskChar one character
 * @param visiblePrefix characters left at the start
 * @param visibleSuffix characters left at the end
 * @throws {ValidationError} for a mask of another length or negative counts
 * @remarks Rust: `safety::privacy::mask_text(text, mask_char, visible_prefix, visible_suffix)`.
 * @example maskText('4111111111111111', '*', 0, 4) // => '************1111'
 */
export function maskText(text: string, maskChar: string, visiblePrefix: number, visibleSuffix: number): string {
  if ([...maskChar].length !== 1) throw new ValidationError(`maskChar must be one character, got '${maskChar}'`, { parameter: 'maskChar', received: maskChar });
  const characters = [...text];
  const hidden = characters.length - nonNegative(visiblePrefix, 'visiblePrefix') - nonNegative(visibleSuffix, 'visibleSuffix');
  if (hidden <= 0) return maskChar.repeat(characters.length);
  return characters.slice(0, visiblePrefix).join('') + maskChar.repeat(hidden) + characters.slice(visiblePrefix + hidden).join('');
}

/**
 * Whether a text reads as an e-mail address: a local part, an at sign, a domain with a dot.
 *
 * @remarks Rust: `safety::privacy::looks_like_email(text)`.
 * @example looksLikeEmail('ada@example.org') // => true
 */
export function looksLikeEmail(text: string): boolean {
  return text.length <= 254 && /^(?!\.)(?!.*\.[.@])[^\s@,;:<>()"]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}]{2,}$/u.test(text);
}

/**
 * Whether a text reads as a telephone number: 7 to 15 digits, with a plus sign, spaces, dots, hyphens and parentheses at most.
 *
 * @remarks Rust: `safety::privacy::looks_like_phone(text)`. E.164 allows 15 digits.
 * @example looksLikePhone('+1 (555) 123-4567') // => true
 */
export function looksLikePhone(text: string): boolean {
  const digits = text.replace(/\D/g, '').length;
  return /^\+?[\d\s().-]+$/.test(text) && digits >= 7 && digits <= 15;
}

/**
 * Whether a text reads as the number of a payment card: 13 to 19 digits, with spaces or hyphens at most, whose Luhn checksum holds.
 *
 * @remarks Rust: `safety::privacy::looks_like_credit_card(text)`, which does not check the sum.
 * @example looksLikeCreditCard('4111 1111 1111 1111') // => true
 */
export function looksLikeCreditCard(text: string): boolean {
  const digits = text.replace(/[ -]/g, '');
  if (!/^\d{13,19}$/.test(digits)) return false;
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
