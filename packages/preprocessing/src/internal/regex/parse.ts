/** Reads regular expressions as Oniguruma and fancy-regex write them: the two dialects that tokenizers use. */
import { FormatError, UnsupportedError } from '@gtc/errors';
import { CharacterSet, type Holds, setOf, WHITE_SPACE, WORD } from './characters.js';

/** `oniguruma`: `^` and `$` at every line, a count is never possessive; `fancy`: at the ends of the text, `{1,3}+` is possessive. */
export type Dialect = 'oniguruma' | 'fancy';

/** How a repetition gives back: as much as it can first, as little, or never. */
export type Greed = 'greedy' | 'lazy' | 'possessive';

/** A parsed expression. */
export type Node =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly items: readonly Node[] }
  | { readonly kind: 'repeat'; readonly item: Node; readonly min: number; readonly max: number; readonly greed: Greed }
  | { readonly kind: 'atomic'; readonly item: Node }
  | { readonly kind: 'look'; readonly item: Node; readonly ahead: boolean; readonly negated: boolean }
  | { readonly kind: 'assertion'; readonly test: Assertion };

/** What holds at a place between two characters. */
export type Assertion = 'textStart' | 'textEnd' | 'lastLineEnd' | 'lineStart' | 'lineEnd' | 'wordEdge' | 'noWordEdge';

const LONGEST = 65_536;
const DEEPEST = 200;
const MOST_REPEATS = 1000;

const NAMED: Readonly<Record<string, string>> = {
  alnum: '[\\p{Alphabetic}\\p{M}\\p{Nd}]',
  alpha: '\\p{Alphabetic}',
  ascii: '[\\0-\\x7f]',
  blank: '[\\p{Zs}\\t]',
  cntrl: '\\p{Cc}',
  digit: '\\p{Nd}',
  graph: '[^\\p{White_Space}\\p{Cc}\\p{Cn}\\p{Cs}]',
  lower: '\\p{Lowercase}',
  print: '[^\\p{Cc}\\p{Cn}\\p{Cs}]',
  punct: '[\\p{P}\\p{S}]',
  space: '\\p{White_Space}',
  upper: '\\p{Uppercase}',
  word: '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}]',
  xdigit: '[0-9A-Fa-f]',
};
const CONTROLS: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9, v: 11 };
const ASSERTIONS: Readonly<Record<string, Assertion>> = { A: 'textStart', z: 'textEnd', Z: 'lastLineEnd', b: 'wordEdge', B: 'noWordEdge' };
const not =
  (holds: Holds): Holds =>
  codePoint =>
    !holds(codePoint);
const within =
  (set: CharacterSet): Holds =>
  codePoint =>
    set.has(codePoint);
const DIGIT = setOf('\\p{Nd}');
const HEX = setOf('[0-9A-Fa-f]');
const SHORTHANDS: Readonly<Record<string, Holds>> = { s: within(WHITE_SPACE), w: within(WORD), d: within(DIGIT), h: within(HEX) };
const NEWLINE = 10;

/** The sets of properties that were asked for, by name. */
const properties = new Map<string, CharacterSet>();

/** Forms of a character that count as the same where case is ignored. */
function caseForms(codePoint: number): number[] {
  const text = String.fromCodePoint(codePoint);
  const upper = text.toUpperCase();
  const forms = [text.toLowerCase(), upper, upper.toLowerCase()].filter(form => [...form].length === 1);
  return [codePoint, ...forms.map(form => form.codePointAt(0)!)];
}

/** The node that an expression describes. @throws {FormatError} with the place in the expression */
export function parseRegex(source: string, dialect: Dialect): Node {
  if (source.length > LONGEST)
    throw new FormatError(`regular expression: ${source.length} characters are more than ${LONGEST}`, { parameter: 'pattern', received: source.length });
  return new Parser(source, dialect).parse();
}

class Parser {
  readonly #source: string;
  readonly #dialect: Dialect;
  #at = 0;
  #depth = 0;
  #ignoreCase = false;

  constructor(source: string, dialect: Dialect) {
    this.#source = source;
    this.#dialect = dialect;
  }

  parse(): Node {
    const node = this.#choice();
    if (this.#at < this.#source.length) throw this.#broken("an unmatched ')'");
    return node;
  }

  #broken(what: string): FormatError {
    return new FormatError(`regular expression: ${what}`, { parameter: 'pattern', received: this.#source.slice(0, 100), offset: this.#at });
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #takePattern(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (match !== null) this.#at += match[0].length;
    return match;
  }

  #next(): number {
    const codePoint = this.#source.codePointAt(this.#at);
    if (codePoint === undefined) throw this.#broken('it ends too early');
    this.#at += codePoint > 0xffff ? 2 : 1;
    return codePoint;
  }

  #choice(): Node {
    this.#depth++;
    if (this.#depth > DEEPEST) throw this.#broken(`groups are more than ${DEEPEST} deep`);
    const before = this.#ignoreCase;
    const items = [this.#sequence()];
    while (this.#take('|')) items.push(this.#sequence());
    this.#ignoreCase = before;
    this.#depth--;
    return items.length === 1 ? items[0]! : { kind: 'choice', items };
  }

  #sequence(): Node {
    const items: Node[] = [];
    while (this.#at < this.#source.length && this.#source[this.#at] !== '|' && this.#source[this.#at] !== ')') {
      const item = this.#item();
      if (item !== null) items.push(this.#repeats(item));
    }
    return items.length === 1 ? items[0]! : { kind: 'sequence', items };
  }

  #repeats(item: Node): Node {
    let node = item;
    for (;;) {
      const counts = this.#counts();
      if (counts === null) return node;
      const [min, max, counted] = counts;
      const lazy = this.#take('?');
      const possessive = !lazy && (!counted || this.#dialect === 'fancy') && this.#take('+');
      node = { kind: 'repeat', item: node, min, max, greed: lazy ? 'lazy' : possessive ? 'possessive' : 'greedy' };
    }
  }

  #counts(): [min: number, max: number, counted: boolean] | null {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY, false];
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY, false];
    if (this.#take('?')) return [0, 1, false];
    const match = this.#takePattern(/\{(\d*)(,?)(\d*)\}/y);
    if (match === null) return null;
    const [text, low, comma, high] = match as unknown as [string, string, string, string];
    if (low === '' && high === '') {
      this.#at -= text.length;
      return null;
    }
    const min = Number(low);
    const max = comma === '' ? min : high === '' ? Number.POSITIVE_INFINITY : Number(high);
    if (min > MOST_REPEATS || (max > MOST_REPEATS && max !== Number.POSITIVE_INFINITY)) throw this.#broken(`a count above ${MOST_REPEATS}`);
    if (max < min) throw this.#broken(`a count from ${min} to ${max}`);
    return [min, max, true];
  }

  #item(): Node | null {
    if (this.#take('(')) return this.#group();
    if (this.#take('[')) return { kind: 'set', set: new CharacterSet(this.#folded(this.#class())) };
    if (this.#take('.')) return { kind: 'set', set: new CharacterSet(codePoint => codePoint !== NEWLINE) };
    if (this.#take('^')) return { kind: 'assertion', test: this.#dialect === 'fancy' ? 'textStart' : 'lineStart' };
    if (this.#take('$')) return { kind: 'assertion', test: this.#dialect === 'fancy' ? 'textEnd' : 'lineEnd' };
    if (this.#take('\\')) return this.#escape();
    if ('*+?'.includes(this.#source[this.#at]!)) throw this.#broken('a repetition of nothing');
    return this.#character(this.#next());
  }

  #character(codePoint: number): Node {
    return { kind: 'set', set: new CharacterSet(this.#folded(other => other === codePoint)) };
  }

  #folded(holds: Holds): Holds {
    return this.#ignoreCase ? codePoint => caseForms(codePoint).some(holds) : holds;
  }

  #group(): Node | null {
    if (this.#take('?#')) {
      if (this.#takePattern(/[^)]*\)/y) === null) throw this.#broken('a comment without an end');
      return null;
    }
    const flags = this.#takePattern(/\?([imsx-]*)([:)])/y);
    if (flags !== null && flags[2] === ')') {
      this.#flags(flags[1]!);
      return null;
    }
    const before = this.#ignoreCase;
    if (flags !== null) this.#flags(flags[1]!);
    const look = flags === null ? this.#takePattern(/\?(<?)([=!])/y) : null;
    const atomic = flags === null && look === null && this.#take('?>');
    if (flags === null && look === null && !atomic && this.#takePattern(/\?P?<[\p{L}_][\p{L}\p{N}_]*>/uy) === null && this.#source[this.#at] === '?')
      throw this.#broken('a group of a kind that is not known');
    const item = this.#choice();
    if (!this.#take(')')) throw this.#broken("a group without its ')'");
    this.#ignoreCase = before;
    if (look !== null) return { kind: 'look', item, ahead: look[1] === '', negated: look[2] === '!' };
    return atomic ? { kind: 'atomic', item } : item;
  }

  #flags(text: string): void {
    const [on, off = ''] = text.split('-') as [string, string?];
    if (/[msx]/.test(on))
      throw new UnsupportedError(`regular expression: the option '${on}' is not offered, only 'i' is`, { parameter: 'pattern', received: text });
    if (on.includes('i')) this.#ignoreCase = true;
    if (off.includes('i')) this.#ignoreCase = false;
  }

  #escape(): Node {
    const letter = this.#source[this.#at];
    const test = letter === undefined ? undefined : ASSERTIONS[letter];
    if (test !== undefined) {
      this.#at++;
      return { kind: 'assertion', test };
    }
    if (letter !== undefined && /[1-9]/.test(letter))
      throw new UnsupportedError('regular expression: references to groups are not offered', { parameter: 'pattern', received: this.#source.slice(0, 100) });
    return { kind: 'set', set: new CharacterSet(this.#folded(this.#escaped())) };
  }

  /** What an escape stands for, as a test. */
  #escaped(): Holds {
    const property = this.#takePattern(/([pP])\{(\^?)([^}]+)\}|([pP])([A-Z])/y);
    if (property !== null) {
      const [, letter = property[4]!, caret = '', name = property[5]!] = property;
      const holds = within(this.#property(name));
      return (letter === 'P') !== (caret === '^') ? not(holds) : holds;
    }
    const letter = this.#source[this.#at] ?? '';
    const shorthand = SHORTHANDS[letter.toLowerCase()];
    if (shorthand !== undefined) {
      this.#at++;
      return letter === letter.toLowerCase() ? shorthand : not(shorthand);
    }
    const codePoint = this.#codePoint();
    return other => other === codePoint;
  }

  /** The character that an escape stands for. */
  #codePoint(): number {
    const hex = this.#takePattern(/x\{([0-9A-Fa-f]{1,8})\}|x([0-9A-Fa-f]{1,2})|u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})/y);
    if (hex !== null) {
      const codePoint = Number.parseInt(hex.slice(1).find(digits => digits !== undefined)!, 16);
      if (codePoint > 0x10ffff) throw this.#broken(`U+${codePoint.toString(16)} is no character`);
      return codePoint;
    }
    const octal = this.#takePattern(/0[0-7]{0,2}/y);
    if (octal !== null) return Number.parseInt(octal[0], 8);
    const letter = this.#next();
    const control = CONTROLS[String.fromCodePoint(letter)];
    if (control !== undefined) return control;
    if (/[A-Za-z]/.test(String.fromCodePoint(letter))) throw this.#broken(`the escape '\\${String.fromCodePoint(letter)}' is not known`);
    return letter;
  }

  #property(name: string): CharacterSet {
    const known = properties.get(name);
    if (known !== undefined) return known;
    const plain = name.replaceAll(/[\s_-]/g, '').toLowerCase();
    const sources = [...(Object.hasOwn(NAMED, plain) ? [NAMED[plain]!] : []), `\\p{${name}}`, `\\p{Script=${name}}`];
    for (const source of sources) {
      try {
        const set = setOf(source);
        properties.set(name, set);
        return set;
      } catch {
        // The next reading of the name may be one that the engine knows.
      }
    }
    throw this.#broken(`the property '${name}' is not known`);
  }

  /** A class after its `[`, up to and with its `]`. */
  #class(): Holds {
    this.#depth++;
    if (this.#depth > DEEPEST) throw this.#broken(`classes are more than ${DEEPEST} deep`);
    const negated = this.#take('^');
    const parts: Holds[][] = [[]];
    let first = true;
    for (;;) {
      if (this.#at >= this.#source.length) throw this.#broken("a class without its ']'");
      if (this.#source[this.#at] === ']' && !first) break;
      first = false;
      if (this.#take('&&')) parts.push([]);
      else parts.at(-1)!.push(this.#member());
    }
    this.#at++;
    this.#depth--;
    const all = parts.map(
      (members): Holds =>
        codePoint =>
          members.some(holds => holds(codePoint)),
    );
    const holds: Holds = codePoint => all.every(part => part(codePoint));
    return negated ? not(holds) : holds;
  }

  #member(): Holds {
    const posix = this.#takePattern(/\[:(\^?)([a-z]+):\]/y);
    if (posix !== null) {
      if (!Object.hasOwn(NAMED, posix[2]!)) throw this.#broken(`the class '${posix[2]}' is not known`);
      const holds = within(this.#property(posix[2]!));
      return posix[1] === '^' ? not(holds) : holds;
    }
    if (this.#take('[')) return this.#class();
    let low: number;
    if (this.#take('\\')) {
      if (/[pPswdhSWDH]/.test(this.#source[this.#at] ?? '')) return this.#escaped();
      low = this.#take('b') ? 8 : this.#codePoint();
    } else low = this.#next();
    if (this.#source[this.#at] !== '-' || this.#source[this.#at + 1] === ']' || this.#source[this.#at + 1] === undefined) return codePoint => codePoint === low;
    this.#at++;
    if (this.#source[this.#at] === '\\' && /[pPswdhSWDH]/.test(this.#source[this.#at + 1] ?? '')) {
      this.#at--;
      return codePoint => codePoint === low;
    }
    const high = this.#take('\\') ? this.#codePoint() : this.#next();
    if (high < low) throw this.#broken(`a range from U+${low.toString(16)} down to U+${high.toString(16)}`);
    return codePoint => codePoint >= low && codePoint <= high;
  }
}
