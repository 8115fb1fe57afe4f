/** How tokens become text again: the decoders of `tokenizer.json`. */
import { CHARACTER_BYTES, utf8 } from './byte-level.js';
import { componentAt, countAt, flagAt, listAt, type Reader, refuse, textAt } from './json.js';
import { patternAt } from './pattern.js';
import { metaspaceAt } from './pre-tokenizers.js';

/** Turns the tokens of a text into parts of it, which joined are the text. */
export type Decoder = (tokens: readonly string[]) => readonly string[];

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What is left of a text when blanks before punctuation and in English contractions go. */
const CLEANUPS = [' .', ' ?', ' !', ' ,', " ' ", " n't", " 'm", ' do not', " 's", " 've", " 're"].map(
  found => [found, found === " ' " ? "'" : found === ' do not' ? " don't" : found.slice(1)] as const,
);
const cleanUp = (text: string): string => CLEANUPS.reduce((current, [found, put]) => current.replaceAll(found, put), text);

/** Characters of a token as bytes; a token that holds others is taken as text. */
function bytesOf(token: string): Iterable<number> {
  const bytes = Array.from(token, character => CHARACTER_BYTES.get(character));
  return bytes.every(byte => byte !== undefined) ? (bytes as number[]) : utf8(token);
}

const byteLevel: Decoder = tokens => [decoder.decode(Uint8Array.from(tokens.flatMap(token => [...bytesOf(token)])))];

/** Runs of byte tokens as the text that they spell, or one U+FFFD each where they spell none. */
const byteFallback: Decoder = tokens => {
  const parts: string[] = [];
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length === 0) return;
    const text = decoder.decode(Uint8Array.from(bytes));
    const broken = text.includes('�') && !isUtf8(bytes);
    parts.push(broken ? '�'.repeat(bytes.length) : text);
    bytes = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token);
    if (byte !== null) bytes.push(Number.parseInt(byte[1]!, 16));
    else {
      flush();
      parts.push(token);
    }
  }
  flush();
  return parts;
};

const strict = new TextDecoder('utf-8', { fatal: true });
function isUtf8(bytes: readonly number[]): boolean {
  try {
    strict.decode(Uint8Array.from(bytes));
    return true;
  } catch {
    return false;
  }
}

const wordPiece: Reader<Decoder> = (json, path) => {
  const prefix = textAt(json['prefix'] ?? '##', `${path}.prefix`);
  const cleans = flagAt(json['cleanup'], `${path}.cleanup`, true);
  return tokens =>
    tokens.map((token, i) => {
      const text = i === 0 ? token : token.startsWith(prefix) ? token.replace(prefix, '') : ` ${token}`;
      return cleans ? cleanUp(text) : text;
    });
};

const metaspace: Reader<Decoder> = (json, path) => {
  const { replacement, scheme } = metaspaceAt(json, path);
  return tokens => tokens.map((token, i) => token.replaceAll(replacement, i === 0 && scheme !== 'never' ? '' : ' '));
};

const bpe: Reader<Decoder> = (json, path) => {
  const suffix = textAt(json['suffix'] ?? '</w>', `${path}.suffix`);
  return tokens => tokens.map((token, i) => (suffix === '' ? token : token.replaceAll(suffix, i === tokens.length - 1 ? '' : ' ')));
};

/** Connectionist temporal classification: a token that repeats counts once, and padding tells repetitions apart (Graves et al. 2006). */
const ctc: Reader<Decoder> = (json, path) => {
  const padding = textAt(json['pad_token'] ?? '<pad>', `${path}.pad_token`);
  const delimiter = textAt(json['word_delimiter_token'] ?? '|', `${path}.word_delimiter_token`);
  const cleans = flagAt(json['cleanup'], `${path}.cleanup`, true);
  return tokens =>
    tokens
      .filter((token, i) => token !== tokens[i - 1])
      .map(token => (padding === '' ? token : token.replaceAll(padding, '')))
      .map(token => (cleans ? cleanUp(token).replaceAll(delimiter, ' ') : token))
      .filter(token => token !== '');
};

const strip: Reader<Decoder> = (json, path) => {
  const content = textAt(json['content'] ?? ' ', `${path}.content`);
  if ([...content].length !== 1) return refuse(`${path}.content`, 'one character', content);
  const [most, mostAtEnd] = [countAt(json['start'] ?? 0, `${path}.start`), countAt(json['stop'] ?? 0, `${path}.stop`)];
  return tokens =>
    tokens.map(token => {
      const characters = [...token];
      let start = 0;
      while (start < most && characters[start] === content) start++;
      let end = characters.length;
      while (characters.length - end < mostAtEnd && end > start && characters[end - 1] === content) end--;
      return characters.slice(start, end).join('');
    });
};

const READERS: Readonly<Record<string, Reader<Decoder>>> = {
  BPEDecoder: bpe,
  ByteFallback: () => byteFallback,
  ByteLevel: () => byteLevel,
  CTC: ctc,
  Fuse: () => tokens => [tokens.join('')],
  Metaspace: metaspace,
  Replace: (json, path) => {
    const pattern = patternAt(json['pattern'], `${path}.pattern`);
    const content = textAt(json['content'], `${path}.content`);
    return tokens =>
      tokens.map(token => {
        let [text, copied] = ['', 0];
        for (const [start, end] of pattern(token)) {
          text += token.slice(copied, start) + content;
          copied = end;
        }
        return text + token.slice(copied);
      });
  },
  Sequence: (json, path, depth) => {
    const decoders = listAt(json['decoders'], `${path}.decoders`).map((item, i) => decoderAt(item, `${path}.decoders[${i}]`, depth));
    return tokens => decoders.reduce((current, decode) => decode(current), tokens);
  },
  Strip: strip,
  WordPiece: wordPiece,
};

/** The decoder that a description asks for. @throws {FormatError} naming the part that is wrong */
export function decoderAt(value: unknown, path = 'decoder', depth = 0): Decoder {
  return componentAt(value, path, READERS, depth);
}
