/** Scripts of characters, as the pre-tokenizer by scripts tells them apart. */
import { type CharacterSet, setOf } from '../regex/characters.js';

/** Scripts that the engine may know; those that it does not know hold nothing. */
const NAMES =
  'Common Latin Han Hiragana Katakana Hangul Cyrillic Arabic Greek Hebrew Thai Devanagari Bengali Tamil Telugu Kannada Malayalam Gujarati Gurmukhi Oriya Sinhala Lao Tibetan Myanmar Georgian Ethiopic Cherokee Khmer Mongolian Armenian Inherited Syriac Thaana Canadian_Aboriginal Ogham Runic Bopomofo Yi Old_Italic Gothic Deseret Tagalog Hanunoo Buhid Tagbanwa Limbu Tai_Le Linear_B Ugaritic Shavian Osmanya Cypriot Braille Buginese Coptic New_Tai_Lue Glagolitic Tifinagh Syloti_Nagri Old_Persian Kharoshthi Balinese Cuneiform Phoenician Phags_Pa Nko Sundanese Lepcha Ol_Chiki Vai Saurashtra Kayah_Li Rejang Lycian Carian Lydian Cham Tai_Tham Tai_Viet Avestan Egyptian_Hieroglyphs Samaritan Lisu Bamum Javanese Meetei_Mayek Imperial_Aramaic Old_South_Arabian Inscriptional_Parthian Inscriptional_Pahlavi Old_Turkic Kaithi Batak Brahmi Mandaic Chakma Meroitic_Cursive Meroitic_Hieroglyphs Miao Sharada Sora_Sompeng Takri Caucasian_Albanian Bassa_Vah Duployan Elbasan Grantha Pahawh_Hmong Khojki Linear_A Mahajani Manichaean Mende_Kikakui Modi Mro Old_North_Arabian Nabataean Palmyrene Pau_Cin_Hau Old_Permic Psalter_Pahlavi Siddham Khudawadi Tirhuta Warang_Citi Ahom Anatolian_Hieroglyphs Hatran Multani Old_Hungarian SignWriting Adlam Bhaiksuki Marchen Newa Osage Tangut';
let sets: readonly (readonly [name: string, set: CharacterSet])[] | null = null;
const known = new Map<number, string | null>();

function find(codePoint: number): string | null {
  sets ??= NAMES.split(' ').map(name => [name, setOf(`\\p{Script=${name}}`)] as const);
  const found = sets.find(([, set]) => set.has(codePoint));
  return found?.[0] ?? null;
}

/** Script of a character; kana count as Han, and a blank and what has no script give null. */
export function scriptOf(codePoint: number): string | null {
  const remembered = known.get(codePoint);
  if (remembered !== undefined) return remembered;
  const script = codePoint === 0x20 ? null : codePoint === 0x30fc ? 'Han' : find(codePoint);
  const shown = script === 'Hiragana' || script === 'Katakana' ? 'Han' : script;
  known.set(codePoint, shown);
  return shown;
}
