/** Normalization of texts: white space, case and the forms of characters made even. */
import { createFrom, type Definition, splitWords } from '@gtc/errors';

/** What is made even. */
export interface NormalizerConfig {
  readonly lowercase: boolean;
  /** Runs of white space become one space. */
  readonly collapseWhitespace: boolean;
  /** White space at the ends goes. */
  readonly trim: boolean;
  /** Form of Unicode; as it comes when null. */
  readonly unicodeForm: 'NFC' | 'NFD' | 'NFKC' | 'NFKD' | null;
  readonly stripAccents: boolean;
}

/** Defaults and rules of {@link NormalizerConfig}. */
export const NormalizerConfig: Definition<NormalizerConfig> = {
  name: 'NormalizerConfig',
  fields: {
    lowercase: { kind: 'bool', default: true },
    collapseWhitespace: { kind: 'bool', default: true },
    trim: { kind: 'bool', default: true },
    unicodeForm: { kind: 'string', default: 'NFC', nullable: true, oneOf: ['NFC', 'NFD', 'NFKC', 'NFKD'] },
    stripAccents: { kind: 'bool', default: false },
  },
};

/**
 * Makes texts even.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Rust: `preprocessing::normalization::Normalizer`.
 * @example new Normalizer().normalize('  Hello   World ') // => 'hello world'
 */
export class Normalizer {
  readonly config: NormalizerConfig;

  constructor(options: Partial<NormalizerConfig> = {}) {
    this.config = createFrom(NormalizerConfig, options);
  }

  /** The text in its form, accents off, lowercased, without needless white space. */
  normalize(text: string): string {
    const { lowercase, collapseWhitespace, trim, unicodeForm, stripAccents } = this.config;
    const formed = unicodeForm === null ? text : text.normalize(unicodeForm);
    const plain = stripAccents
      ? formed
          .normalize('NFD')
          .replace(/\p{Mn}/gu, '')
          .normalize(unicodeForm ?? 'NFC')
      : formed;
    const cased = lowercase ? plain.toLowerCase() : plain;
    if (collapseWhitespace && trim) return splitWords(cased).join(' ');
    const collapsed = collapseWhitespace ? cased.replace(/\s+/g, ' ') : cased;
    return trim ? collapsed.trim() : collapsed;
  }
}
