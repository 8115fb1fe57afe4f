/**
 * Whether a text looks as if it had been decoded by the wrong encoding. Some 400 characters come out of such mistakes; which of them seldom
 * stand side by side in a text that is right was found by Robyn Speer for ftfy (version 6.3, Apache-2.0), whose classes and pairs these are.
 */

/** Classes of characters, as they stand between the brackets of a pattern. */
const CLASS = {
  common: '\xa0\xad·´–—―…’',
  control: '\x80-\x9f',
  bad: '¦¤¨¬¯¸ƒˆˇ˘˛˜†‡‰⌐◊\ufffdªº',
  law: '¶§',
  currency: '¢£¥₧€',
  start: '¡«¿©΄΅‘‚“„•‹\uf8ff',
  end: '®»˝”›™',
  numeric: '²³¹±¼½¾×µ÷⁄∂∆∏∑√∞∩∫≈≠≡≤≥№',
  face: 'Ò-ÖÙ-Üò-öø-üŐŌŪŲ°',
  upper: 'À-ÑØÜÝĂĀĄĆČĎĐĘĚĒĖĞĢİĪĶĹĽŁĻŃŇŅŒŘŚŞŠŢŤŮŰŸŹŻŽҐ',
  lower: 'ßà-ñăąāćčďđęěēėğģįīķĺľłļœŕśşšťüźżžґﬁﬂ',
  upperCommon: 'ÞΑ-ΩΆΈΉΊΌΎΏΪΫЁ-Я',
  lowerCommon: 'α-ωάέήίΰа-џ',
  box: '│┌┐┘├┤┬┼═-╬▀▄█▌▐░▒▓',
} as const;
type Class = keyof typeof CLASS;

const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const WORD = '[\\p{L}\\p{N}_]';

/** A pattern of one character out of classes, named between spaces. */
const of = (names: string): string =>
  `[${names
    .split(' ')
    .map(name => CLASS[name as Class])
    .join('')}]`;

/** Sequences of classes; what begins with `=` is a pattern of its own. */
const SEQUENCES: readonly (readonly string[])[] = [
  ['control'],
  ['bad lower upper box start end currency numeric law', 'bad'],
  ['=[a-zA-Z]', 'lowerCommon upperCommon', 'bad'],
  ['bad', 'lower upper box start end currency numeric law'],
  ['lower lowerCommon box end currency numeric', 'upper'],
  ['box end currency numeric', 'lower'],
  ['lower box end', 'currency'],
  [`=${SPACE}`, 'upper', 'currency'],
  ['upper box', 'numeric law'],
  ['lower upper box currency end', 'start', 'numeric'],
  ['lower upper currency numeric box law', 'end', 'start'],
  ['currency numeric box', 'start'],
  ['=[a-z]', 'upper', 'start currency'],
  ['box', 'face'],
  ['lower upper currency numeric start end law', 'box'],
  ['box', 'end'],
  ['lower upper', 'start end', `=${WORD}`],
];

const ARABIC = `[ØÙ][${CLASS.common}${CLASS.currency}${CLASS.bad}${CLASS.numeric}${CLASS.start}ŸŠ®°µ»]`;
const BETWEEN = `[${CLASS.control}${CLASS.bad}${CLASS.start}${CLASS.end}${CLASS.currency}°`;
/** What the usual encodings make of frequent characters where classes do not tell. */
const PHRASES: readonly string[] = [
  '[Œœ][^A-Za-z]',
  `[${CLASS.upper}]°`,
  `[ÂÃÎÐ][€œŠš¢£Ÿž\xa0\xad®©°·»${CLASS.start}${CLASS.end}–—´]`,
  '×[²³]',
  ARABIC + ARABIC,
  'à[²µ¹¼½¾]',
  '√[±∂†≠®™´≤≥¥µø]',
  '≈[°¢]',
  '‚Ä[ìîïòôúùû†°¢π]',
  '‚[âó][àä°ê]',
  'вЂ',
  `[ВГРС]${BETWEEN}µ][ВГРС]`,
  'ГўВЂВ.[A-Za-z ]',
  'Ã[\xa0¡]',
  `[a-z]${SPACE}?[ÃÂ][ ]`,
  '^[ÃÂ][ ]',
  `[a-z.,?!${CLASS.end}]Â[ ${CLASS.start}${CLASS.end}]`,
  'β€[™\xa0Ά\xad®°]',
  `[ΒΓΞΟ]${BETWEEN}][ΒΓΞΟ]`,
  'ā€',
];

const BAD = new RegExp([...SEQUENCES.map(parts => parts.map(part => (part.startsWith('=') ? part.slice(1) : of(part))).join('')), ...PHRASES].join('|'), 'u');

/** Whether a text holds a sequence that is more likely a mistake than meant. */
export function isBad(text: string): boolean {
  return BAD.test(text);
}
