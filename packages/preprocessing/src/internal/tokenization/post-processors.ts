/** What is put around the tokens of a text or two: the post-processors of `tokenizer.json`. */
import { WHITE_SPACE } from '../regex/characters.js';
import { BYTE_CHARACTERS } from './byte-level.js';
import { Draft } from './encoding.js';
import { componentAt, countAt, flagAt, type JsonRecord, listAt, oneOfAt, type Reader, recordAt, refuse, textAt } from './json.js';

/** Puts special tokens around drafts, one for each text, and gives types. */
export interface PostProcessor {
  /** How many special tokens it adds. */
  added(pair: boolean): number;
  process(drafts: Draft[], addSpecialTokens: boolean): Draft[];
}

/** What happens without a post-processor: types by text. */
export function numberTexts(drafts: Draft[]): Draft[] {
  drafts.forEach((draft, i) => {
    draft.setTypeIds(i);
    for (const other of draft.overflowing) other.setTypeIds(i);
    draft.setSequence(i);
  });
  return drafts;
}

/** All drafts in one. */
export function joinDrafts([first, ...rest]: readonly Draft[]): Draft {
  const whole = first ?? new Draft();
  for (const draft of rest) whole.append(draft);
  return whole;
}

const SPACE = BYTE_CHARACTERS[0x20]!;
const isSpace = (character: string): boolean => character === SPACE || WHITE_SPACE.has(character.codePointAt(0)!);

/** Takes the white space that byte-level tokens hold out of their places. */
function trimOffsets(draft: Draft, addPrefixSpace: boolean): void {
  const { tokens, offsets } = draft.parts;
  tokens.forEach((token, i) => {
    const characters = [...token];
    const leading = characters.findIndex(character => !isSpace(character));
    const trailing = [...characters].reverse().findIndex(character => !isSpace(character));
    let before = leading < 0 ? characters.length : leading;
    const after = trailing < 0 ? characters.length : trailing;
    const [start, end] = [offsets[2 * i]!, offsets[2 * i + 1]!];
    // One space that was put before the text has no place in it; where there are more, none was put there.
    if (before === 1 && addPrefixSpace && (i === 0 || start === 0)) before = 0;
    const from = before > 0 ? Math.min(start + before, end) : start;
    const to = after > 0 && end >= after ? Math.max(end - after, from) : end;
    offsets[2 * i] = from;
    offsets[2 * i + 1] = to;
  });
  for (const other of draft.overflowing) trimOffsets(other, addPrefixSpace);
}

interface SpecialToken {
  readonly token: string;
  readonly id: number;
}

function specialTokenAt(value: unknown, path: string): SpecialToken {
  const pair = listAt(value, path);
  if (pair.length !== 2) return refuse(path, 'a token and its id', value);
  return { token: textAt(pair[0], path), id: countAt(pair[1], path) };
}

const specialDraft = ({ id, token }: SpecialToken, typeId: number): Draft => Draft.special([id], [token], typeId);

/** Puts one draft between others and does the same for its overflowing parts. */
function surround(draft: Draft, before: readonly Draft[], after: readonly Draft[], typeId: number): Draft {
  const around = (inner: Draft): Draft => joinDrafts([...before, inner, ...after].map(each => each.copy()));
  const { overflowing } = draft;
  for (const each of [draft, ...overflowing]) each.setTypeIds(typeId);
  const whole = around(new Draft(draft.parts));
  whole.overflowing = overflowing.map(around);
  return whole;
}

const bert: Reader<PostProcessor> = (json, path) => {
  const [cls, sep] = [specialTokenAt(json['cls'], `${path}.cls`), specialTokenAt(json['sep'], `${path}.sep`)];
  return {
    added: pair => (pair ? 3 : 2),
    process: (drafts, addSpecialTokens) =>
      addSpecialTokens
        ? drafts.map((draft, i) => {
            draft.setSequence(i);
            return surround(draft, i === 0 ? [specialDraft(cls, 0)] : [], [specialDraft(sep, i)], i);
          })
        : numberTexts(drafts),
  };
};

const roberta: Reader<PostProcessor> = (json, path) => {
  const [cls, sep] = [specialTokenAt(json['cls'], `${path}.cls`), specialTokenAt(json['sep'], `${path}.sep`)];
  const trims = flagAt(json['trim_offsets'], `${path}.trim_offsets`, true);
  const addPrefixSpace = flagAt(json['add_prefix_space'], `${path}.add_prefix_space`, true);
  return {
    added: pair => (pair ? 4 : 2),
    process: (drafts, addSpecialTokens) =>
      drafts.map((draft, i) => {
        if (trims) trimOffsets(draft, addPrefixSpace);
        draft.setSequence(i);
        // RoBERTa knows one type only, and sets the second text off by two separators.
        return surround(draft, addSpecialTokens ? [specialDraft(i === 0 ? cls : sep, 0)] : [], addSpecialTokens ? [specialDraft(sep, 0)] : [], 0);
      }),
  };
};

const byteLevel: Reader<PostProcessor> = (json, path) => {
  const trims = flagAt(json['trim_offsets'], `${path}.trim_offsets`, true);
  const addPrefixSpace = flagAt(json['add_prefix_space'], `${path}.add_prefix_space`, true);
  return {
    added: () => 0,
    process: drafts => {
      drafts.forEach((draft, i) => {
        if (trims) trimOffsets(draft, addPrefixSpace);
        draft.setSequence(i);
      });
      return drafts;
    },
  };
};

/** A place of a template: a text, or special tokens. */
type Place =
  | { readonly sequence: number; readonly typeId: number }
  | { readonly ids: readonly number[]; readonly tokens: readonly string[]; readonly typeId: number };

function placesAt(value: unknown, path: string, specials: JsonRecord): Place[] {
  return listAt(value, path).map((item, i) => {
    const place = recordAt(item, `${path}[${i}]`);
    if ('Sequence' in place) {
      const sequence = recordAt(place['Sequence'], `${path}[${i}].Sequence`);
      return {
        sequence: oneOfAt(sequence['id'], `${path}[${i}].Sequence.id`, ['A', 'B']) === 'A' ? 0 : 1,
        typeId: countAt(sequence['type_id'] ?? 0, `${path}[${i}].type_id`),
      };
    }
    const special = recordAt(place['SpecialToken'], `${path}[${i}].SpecialToken`);
    const id = textAt(special['id'], `${path}[${i}].SpecialToken.id`);
    if (!Object.hasOwn(specials, id)) return refuse(`${path}[${i}].SpecialToken.id`, `one of the special_tokens ${Object.keys(specials).join(', ')}`, id);
    const token = recordAt(specials[id], `${path}.special_tokens`);
    const ids = listAt(token['ids'], `${path}.special_tokens.ids`).map(each => countAt(each, `${path}.special_tokens.ids`));
    const tokens = listAt(token['tokens'], `${path}.special_tokens.tokens`).map(each => textAt(each, `${path}.special_tokens.tokens`));
    if (ids.length !== tokens.length) return refuse(`${path}.special_tokens.ids`, `as many as tokens, ${tokens.length}`, ids.length);
    return { ids, tokens, typeId: countAt(special['type_id'] ?? 0, `${path}[${i}].type_id`) };
  });
}

const template: Reader<PostProcessor> = (json, path) => {
  const specials = recordAt(json['special_tokens'] ?? {}, `${path}.special_tokens`);
  const single = placesAt(json['single'], `${path}.single`, specials);
  const pair = placesAt(json['pair'], `${path}.pair`, specials);
  if (single.some(place => 'sequence' in place && place.sequence === 1)) return refuse(`${path}.single`, 'without the text B', json['single']);
  const sum = (places: readonly Place[]): number => places.reduce((total, place) => total + ('ids' in place ? place.ids.length : 0), 0);
  return {
    added: isPair => sum(isPair ? pair : single),
    process: (drafts, addSpecialTokens) =>
      (drafts.length === 2 ? pair : single).flatMap(place => {
        if ('ids' in place) return addSpecialTokens ? [Draft.special(place.ids, place.tokens, place.typeId)] : [];
        const draft = drafts[place.sequence]!;
        draft.setTypeIds(place.typeId);
        draft.setSequence(place.sequence);
        return [draft.copy()];
      }),
  };
};

const sequence: Reader<PostProcessor> = (json, path, depth) => {
  const processors = listAt(json['processors'], `${path}.processors`).map((item, i) => postProcessorAt(item, `${path}.processors[${i}]`, depth));
  return {
    added: pair => processors.reduce((total, processor) => total + processor.added(pair), 0),
    process: (drafts, addSpecialTokens) => processors.reduce((current, processor) => processor.process(current, addSpecialTokens), drafts),
  };
};

const READERS: Readonly<Record<string, Reader<PostProcessor>>> = {
  BertProcessing: bert,
  ByteLevel: byteLevel,
  RobertaProcessing: roberta,
  Sequence: sequence,
  TemplateProcessing: template,
};

/** The post-processor that a description asks for. @throws {FormatError} naming the part that is wrong */
export function postProcessorAt(value: unknown, path = 'post_processor', depth = 0): PostProcessor {
  return componentAt(value, path, READERS, depth);
}
