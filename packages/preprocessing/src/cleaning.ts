/** Damaged and marked-up text made plain: mistaken encodings, character references, quotes and widths, ASCII for any script. */
import { notNull, oneOf, show, ValidationError } from '@gtc/errors';
import { unescapeHtml as decodeReferences } from './internal/html/unescape.js';
import { type Repair, type Repairs, repairEncoding, repairText } from './internal/mojibake/repair.js';
import { type RomanizationTable, romanize } from './internal/text/romanize.js';

/**
 * A text with HTML's character references decoded, once: `&amp;lt;` becomes `&lt;`. Names that HTML 5 allows without semicolon are decoded
 * without it, numbers of Windows-1252 as browsers do.
 *
 * @remarks Python: `html.unescape(text)`.
 * @example unescapeHtml('caf&eacute; &#x2713; &copy2024') // => 'café ✓ ©2024'
 */
export function unescapeHtml(text: string): string {
  return decodeReferences(notNull(text, 'text'));
}

const REFERENCES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#x27;' };

/**
 * A text that may stand in HTML.
 *
 * @param quote whether quotes become references too, as attributes need, default true
 * @remarks Python: `html.escape(text, quote=quote)`.
 * @example escapeHtml('<a href="x">') // => '&lt;a href=&quot;x&quot;&gt;'
 */
export function escapeHtml(text: string, { quote = true }: { readonly quote?: boolean } = {}): string {
  return notNull(text, 'text').replace(quote ? /[&<>"']/g : /[&<>]/g, character => REFERENCES[character]!);
}

/**
 * A text that was decoded by the wrong encoding, perhaps several times, as it was meant; other texts stay as they are. Known are UTF-8 read
 * as Latin-1, Windows-1250 to 1254 and 1257, ISO-8859-2, Mac Roman or code page 437, also where bytes were lost on the way.
 *
 * @remarks Python: `ftfy.fix_encoding(text)`, version 6.3.
 * @example fixEncoding('schÃ¶n â€“ l’humanitÃ©') // => 'schön – l’humanité'
 */
export function fixEncoding(text: string): string {
  return repairEncoding(notNull(text, 'text'));
}

/** What {@link fixText} does; all of it unless said otherwise. */
export interface FixTextOptions {
  /** Character references become characters; `'auto'`, the default: where no `<` shows that the text is HTML. */
  readonly unescapeHtml?: boolean | 'auto';
  /** What {@link fixEncoding} does. */
  readonly fixEncoding?: boolean;
  /** Control characters U+0080 to U+009F become the characters that Windows-1252 has in their place. */
  readonly fixC1Controls?: boolean;
  /** `ﬁ` becomes `fi`. */
  readonly fixLatinLigatures?: boolean;
  /** `ＬＯＵＤ` becomes `LOUD`, and kana of half width those of full width. */
  readonly fixCharacterWidth?: boolean;
  /** Curly quotes become straight ones. */
  readonly uncurlQuotes?: boolean;
  /** Every end of a line becomes `\n`. */
  readonly fixLineBreaks?: boolean;
  /** Half surrogates become U+FFFD. */
  readonly fixSurrogates?: boolean;
  /** Sequences that colour terminals are removed. */
  readonly removeTerminalEscapes?: boolean;
  /** Control characters that nobody means are removed, byte order marks too. */
  readonly removeControlChars?: boolean;
  /** The form of Unicode at the end, default NFC; null for none. */
  readonly normalization?: Repairs['normalization'];
}

const STEP_OF = {
  fixC1Controls: 'controls',
  fixLatinLigatures: 'ligatures',
  fixCharacterWidth: 'width',
  uncurlQuotes: 'quotes',
  fixLineBreaks: 'lineBreaks',
  fixSurrogates: 'surrogates',
  removeTerminalEscapes: 'terminal',
  removeControlChars: 'invisible',
} as const satisfies Partial<Record<keyof FixTextOptions, Repair>>;

/**
 * A text with the damage undone that texts take on the web: mistaken encodings, stray references, curly quotes, ligatures, wide letters,
 * control characters.
 *
 * @throws {ValidationError} for a normalization that does not exist
 * @remarks Python: `ftfy.fix_text(text)`, version 6.3; equal text.
 * @example fixText('âœ” “Ｎo&nbsp;problems” ﬁnd') // => '✔ "No\u00a0problems" find'
 */
export function fixText(text: string, options: FixTextOptions = {}): string {
  const { unescapeHtml: entities = 'auto', fixEncoding: encoding = true, normalization = 'NFC' } = options;
  oneOf(normalization, 'normalization', ['NFC', 'NFD', 'NFKC', 'NFKD', null]);
  const steps = Object.entries(STEP_OF).flatMap(([name, step]) => ((options[name as keyof typeof STEP_OF] ?? true) ? [step] : []));
  return repairText(notNull(text, 'text'), { entities, encoding, steps, normalization });
}

export type { RomanizationTable } from './internal/text/romanize.js';

/**
 * A text in ASCII: what each character sounds or looks like, without regard to language; Han characters by their Mandarin reading, each
 * followed by a space. What has no such form (most emoji) vanishes.
 *
 * The tables, of some 60,000 characters, are Text::Unidecode's (Sean M. Burke, under Perl's licence) and not part of this package: hand over
 * what the npm package `unidecode` exports. What it lacks or spoils is put right here.
 *
 * @param table what stands for one character in ASCII: the export of `unidecode`
 * @throws {ValidationError} for a table that is no function
 * @remarks Python: `unidecode.unidecode(text)`, version 1.4; equal for every character.
 * @example unidecode('Ä ½', character => ({ Ä: 'A' })[character] ?? '') // => 'A  1/2'
 */
export function unidecode(text: string, table: RomanizationTable): string {
  if (typeof table !== 'function')
    throw new ValidationError(`table must be a function from characters to ASCII, as 'unidecode' exports, got ${show(table)}`, { parameter: 'table' });
  return romanize(notNull(text, 'text'), table);
}
