/** Matches regular expressions in time linear in the text: by backtracking, and once that gets long, never twice from the same state. */
import { UnsafeInputError } from '@gtc/errors';
import { WORD } from './characters.js';
import { type Assertion, type Dialect, parseRegex } from './parse.js';
import { compile, type Instruction, Op } from './program.js';

/** Steps for each character, and in all, that are taken before states are remembered. */
const FREE_STEPS_EACH = 32;
const FREE_STEPS = 100_000;
/** Steps for each instruction and character after which a text is given up: parts that look around may take more than linear time. */
const MOST_STEPS = 16;

/** What an attempt says that ran out of steps. */
const GAVE_UP = -2;

const widthAt = (text: string, at: number): number => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
/** Width of the character that ends at a place. */
const widthBefore = (text: string, at: number): number => {
  const unit = text.charCodeAt(at - 1);
  if (unit < 0xdc00 || unit > 0xdfff || at < 2) return 1;
  const before = text.charCodeAt(at - 2);
  return before >= 0xd800 && before <= 0xdbff ? 2 : 1;
};

const isWordAt = (text: string, at: number): boolean => at < text.length && WORD.has(text.codePointAt(at)!);
const isWordBefore = (text: string, at: number): boolean => at > 0 && WORD.has(text.codePointAt(at - widthBefore(text, at))!);
const atWordEdge = (text: string, at: number): boolean => isWordBefore(text, at) !== isWordAt(text, at);

const TESTS: Readonly<Record<Assertion, (text: string, at: number) => boolean>> = {
  textStart: (_, at) => at === 0,
  textEnd: (text, at) => at === text.length,
  lastLineEnd: (text, at) => at === text.length || (at === text.length - 1 && text[at] === '\n'),
  lineStart: (text, at) => at === 0 || text[at - 1] === '\n',
  lineEnd: (text, at) => at === text.length || text[at] === '\n',
  wordEdge: atWordEdge,
  noWordEdge: (text, at) => !atWordEdge(text, at),
};

/** States that were tried, as bits by place and instruction, a page of places at a time. */
class Tried {
  readonly #size: number;
  readonly #pages = new Map<number, Uint8Array>();

  constructor(size: number) {
    this.#size = size;
  }

  /** Marks a state; true when it was marked before. */
  mark(pc: number, at: number): boolean {
    const page = at >>> 10;
    let bits = this.#pages.get(page);
    if (bits === undefined) this.#pages.set(page, (bits = new Uint8Array((this.#size * 1024 + 7) >>> 3)));
    const bit = (at & 1023) * this.#size + pc;
    const [byte, mask] = [bit >>> 3, 1 << (bit & 7)];
    if ((bits[byte]! & mask) !== 0) return true;
    bits[byte] = bits[byte]! | mask;
    return false;
  }

  /** Forgets what is known of a place, which a match may end at. */
  forget(at: number): void {
    const bits = this.#pages.get(at >>> 10);
    if (bits === undefined) return;
    const first = (at & 1023) * this.#size;
    for (let bit = first; bit < first + this.#size; bit++) bits[bit >>> 3] = bits[bit >>> 3]! & ~(1 << (bit & 7));
  }
}

/** Ways that are left to try, a stack of three numbers each: where to go on, from the last place of a range down to its first. */
class Ways {
  data: Int32Array = new Int32Array(192);
  length = 0;

  push(pc: number, first: number, last: number): void {
    if (this.length + 3 > this.data.length) {
      const grown = new Int32Array(this.data.length * 2);
      grown.set(this.data);
      this.data = grown;
    }
    this.data[this.length++] = pc;
    this.data[this.length++] = first;
    this.data[this.length++] = last;
  }
}

/** A compiled expression. */
export class Regex {
  readonly source: string;
  readonly #program: readonly Instruction[];
  readonly #idles: boolean;
  readonly #ways: Ways = new Ways();
  #steps = 0;
  /** Steps after which an attempt that remembers nothing gives up. */
  #budget = 0;

  /** @throws {FormatError} for an expression that breaks the syntax @throws {UnsupportedError} for a part that is not offered */
  constructor(source: string, dialect: Dialect = 'oniguruma') {
    this.source = source;
    const { instructions, idles } = compile(parseRegex(source, dialect));
    this.#program = instructions;
    this.#idles = idles;
  }

  /** Matches from left to right, as places in UTF-16 units; an empty one never touches the match before it. */
  matches(text: string): [start: number, end: number][] {
    const found: [number, number][] = [];
    this.#steps = 0;
    let tried = this.#idles ? new Tried(this.#program.length) : null;
    let lastEnd = -1;
    for (let start = 0; start <= text.length; ) {
      this.#budget = FREE_STEPS + FREE_STEPS_EACH * start;
      this.#ways.length = 0;
      const end = this.#run(0, text, start, tried);
      if (end === GAVE_UP) {
        tried = new Tried(this.#program.length);
        continue;
      }
      if (end >= 0) tried?.forget(end);
      if (end < 0 || (end === start && end === lastEnd)) {
        start += widthAt(text, start);
        continue;
      }
      found.push([start, end]);
      lastEnd = end;
      start = end;
    }
    return found;
  }

  /** Where a match that begins at a place ends, -1 without one. */
  #run(entry: number, text: string, from: number, tried: Tried | null): number {
    const program = this.#program;
    const ways = this.#ways;
    const base = ways.length;
    let pc = entry;
    let at = from;
    for (;;) {
      const instruction = program[pc]!;
      const { op } = instruction;
      this.#steps++;
      let works = tried === null || op === Op.run || !tried.mark(pc, at);
      if (works) {
        if (op === Op.set) {
          const unit = text.charCodeAt(at);
          if (at < text.length && instruction.set.has((unit & 0xf800) === 0xd800 ? text.codePointAt(at)! : unit))
            at += (unit & 0xf800) === 0xd800 ? widthAt(text, at) : 1;
          else works = false;
        } else if (op === Op.split) ways.push(instruction.other, at, at);
        else if (op === Op.run) {
          at = this.#advance(instruction, pc, text, at, tried);
          works = at >= 0;
        } else if (op === Op.lookSet) works = looks(instruction, text, at);
        else if (op === Op.match) {
          ways.length = base;
          return at;
        } else if (op === Op.assertion) works = TESTS[instruction.test](text, at);
        else if (op !== Op.jump) {
          at = this.#part(instruction, text, at, tried);
          if (at === GAVE_UP) return GAVE_UP;
          works = at >= 0;
        }
      }
      if (works) {
        pc = instruction.next;
        continue;
      }
      if (tried === null ? this.#steps > this.#budget : this.#steps > MOST_STEPS * program.length * (text.length + 1000)) return this.#giveUp(tried);
      if (ways.length === base) return -1;
      ways.length -= 3;
      const [first, last] = [ways.data[ways.length + 1]!, ways.data[ways.length + 2]!];
      pc = ways.data[ways.length]!;
      if (last > first) ways.push(pc, first, last - widthBefore(text, last));
      at = last;
    }
  }

  #giveUp(tried: Tried | null): number {
    if (tried === null) return GAVE_UP;
    throw new UnsafeInputError(`the regular expression takes more than linear time on this text: ${this.source.slice(0, 100)}`, { parameter: 'pattern' });
  }

  /** Takes as many characters of a set as there are, and leaves ways to give them back; -1 where that was tried before. */
  #advance({ set, greed, next }: Instruction, pc: number, text: string, from: number, tried: Tried | null): number {
    let at = from;
    while (tried === null || !tried.mark(pc, at)) {
      const unit = text.charCodeAt(at);
      const surrogate = (unit & 0xf800) === 0xd800;
      if (at >= text.length || !set.has(surrogate ? text.codePointAt(at)! : unit)) {
        this.#steps += at - from;
        if (greed === 'greedy' && at > from) this.#ways.push(next, from, at - widthBefore(text, at));
        return at;
      }
      at += surrogate ? widthAt(text, at) : 1;
    }
    // What follows from here on was tried from an earlier start, and failed.
    if (greed === 'possessive' || at === from) return -1;
    const last = at - widthBefore(text, at);
    if (last > from) this.#ways.push(next, from, last - widthBefore(text, last));
    return last;
  }

  /** Runs instructions of their own: a look around leaves the place as it is. */
  #part({ op, other, back, negated }: Instruction, text: string, at: number, tried: Tried | null): number {
    let from = at;
    for (let i = 0; i < back; i++) {
      if (from === 0) return negated ? at : -1;
      from -= widthBefore(text, from);
    }
    const end = this.#run(other, text, from, tried === null ? null : new Tried(this.#program.length));
    if (op === Op.atomic || end === GAVE_UP) return end;
    return (end >= 0 && (back === 0 || end === at)) !== negated ? at : -1;
  }
}

function looks({ set, back, negated }: Instruction, text: string, at: number): boolean {
  const place = back === 0 ? at : at - widthBefore(text, at);
  const holds = back === 0 ? at < text.length && set.has(text.codePointAt(at)!) : at > 0 && set.has(text.codePointAt(place)!);
  return holds !== negated;
}
