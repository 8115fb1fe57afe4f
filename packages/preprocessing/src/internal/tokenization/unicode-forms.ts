/** The forms of Unicode (UAX 15) with the place of each character kept. */
import { MARK } from '../regex/characters.js';
import { AlignedBuilder, type AlignedText } from './aligned-text.js';

/** Composed or decomposed, canonically or by compatibility. */
export type UnicodeForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/** Vowels and final consonants of Hangul, which join the syllable before them although they are letters. */
const joinsBefore = (codePoint: number): boolean =>
  MARK.has(codePoint) || (codePoint >= 0x1160 && codePoint <= 0x11ff) || (codePoint >= 0xd7b0 && codePoint <= 0xd7fb);

/** A character of a decomposition and how many characters it adds to the text. */
interface Part {
  readonly character: string;
  readonly change: number;
  used: boolean;
}

/** The text in a form; a composed character stands for the first character that went into it. */
export function toUnicodeForm(aligned: AlignedText, form: UnicodeForm): AlignedText {
  const { text } = aligned;
  const whole = text.normalize(form);
  if (whole === text) return aligned;
  const builder = new AlignedBuilder();
  const apart = form === 'NFC' || form === 'NFD' ? 'NFD' : 'NFKD';
  for (let start = 0; start < text.length; ) {
    let end = start;
    do end += text.codePointAt(end)! > 0xffff ? 2 : 1;
    while (end < text.length && joinsBefore(firstOf(text, end, apart)));
    const segment = text.slice(start, end);
    if (segment.normalize(form) === segment) builder.copy(aligned, start, end);
    else formSegment(builder, aligned, start, segment, form, apart);
    start = end;
  }
  return builder.build();
}

/** First character of what the character at a place is made of. */
function firstOf(text: string, at: number, apart: 'NFD' | 'NFKD'): number {
  const codePoint = text.codePointAt(at)!;
  return codePoint < 0x80 ? codePoint : String.fromCodePoint(codePoint).normalize(apart).codePointAt(0)!;
}

function formSegment(builder: AlignedBuilder, aligned: AlignedText, start: number, segment: string, form: UnicodeForm, apart: 'NFD' | 'NFKD'): void {
  const sources = [...segment];
  const parts: Part[] = sources.flatMap(source => [...source.normalize(apart)].map((character, i) => ({ character, change: i === 0 ? 0 : 1, used: false })));
  const places: number[] = [start];
  for (const source of sources) places.push(places.at(-1)! + source.length);
  let taken = 0;
  for (const character of segment.normalize(form)) {
    // Marks are put in order without changing that of equal ones, so the first equal part left is the one.
    const made = [...character.normalize('NFD')].map(wanted => parts.find(part => !part.used && part.character === wanted)!);
    for (const part of made) part.used = true;
    const change = made.reduce((total, part) => total + part.change, 1 - made.length);
    const source = change > 0 ? taken - 1 : taken;
    const [from, to] = source < 0 ? [0, 0] : [aligned.startOf(places[source]!), aligned.endOf(places[source + 1]! - 1)];
    builder.push(character, from, to);
    if (change <= 0) taken += 1 - change;
  }
}
