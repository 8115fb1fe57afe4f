/** Words of a corpus and how often each occurs, cut as the tokenizer to be trained cuts. */
import { AlignedText } from '../tokenization/aligned-text.js';
import { toByteCharacters } from '../tokenization/byte-level.js';
import { byteLevelCut } from '../tokenization/byte-level-cut.js';
import { type Normalizer, normalizerAt } from '../tokenization/normalizers.js';
import { preTokenizerAt } from '../tokenization/pre-tokenizers.js';
import { pieceEnd, type ScanRules, scanRules, Units } from '../tokenization/scanner.js';

/** How texts become words. */
export interface Cut {
  /** A normalizer of `tokenizer.json`, or none. */
  readonly normalizer: unknown;
  /** A pre-tokenizer of `tokenizer.json`, or none: a text is one word then. */
  readonly preTokenizer: unknown;
}

/** Counts words in the order in which they first occur. */
export function countWords(corpus: Iterable<string>, { normalizer, preTokenizer }: Cut): Map<string, number> {
  const normalize = normalizer === null ? null : normalizerAt(normalizer);
  const cut = byteLevelCut(preTokenizer);
  const rules = cut === null || cut.addPrefixSpace || cut.pattern === null ? null : scanRules(cut.pattern);
  return rules === null ? countPieces(corpus, normalize, preTokenizer) : countScanned(corpus, normalize, rules);
}

function countPieces(corpus: Iterable<string>, normalize: Normalizer | null, preTokenizer: unknown): Map<string, number> {
  const cut = preTokenizer === null ? null : preTokenizerAt(preTokenizer);
  const counts = new Map<string, number>();
  for (const text of corpus) {
    const aligned = new AlignedText(text);
    const normalized = normalize === null ? aligned : normalize(aligned);
    for (const piece of cut === null ? [normalized] : cut(normalized)) if (piece.text !== '') counts.set(piece.text, (counts.get(piece.text) ?? 0) + 1);
  }
  return counts;
}

/** As the general way, but bytes are spelled out once for each different word. */
function countScanned(corpus: Iterable<string>, normalize: Normalizer | null, rules: ScanRules): Map<string, number> {
  const counts = new Map<string, number>();
  const units = new Units();
  for (const source of corpus) {
    const text = normalize === null ? source : normalize(new AlignedText(source)).text;
    units.load(text);
    for (let at = 0; at < text.length; ) {
      const end = pieceEnd(units, at, rules);
      const word = text.slice(at, end);
      counts.set(word, (counts.get(word) ?? 0) + 1);
      at = end;
    }
  }
  const spelled = new Map<string, number>();
  for (const [word, count] of counts) {
    const bytes = toByteCharacters(word);
    spelled.set(bytes, (spelled.get(bytes) ?? 0) + count);
  }
  return spelled;
}
