/** Turns a parsed expression into instructions for the matcher. */
import { FormatError, UnsupportedError } from '@gtc/errors';
import { type CharacterSet, setOf } from './characters.js';
import type { Assertion, Greed, Node } from './parse.js';

/** What an instruction does. */
export const Op = { set: 0, split: 1, jump: 2, match: 3, assertion: 4, run: 5, look: 6, lookSet: 7, atomic: 8 } as const;

/** One instruction; every kind has the same fields, so that engines see one shape. */
export interface Instruction {
  readonly op: number;
  /** Where to go on, and for `split` where to go first. */
  next: number;
  /** For `split`, where to go when the first way fails; for `look` and `atomic`, where their own instructions begin. */
  other: number;
  readonly set: CharacterSet;
  readonly test: Assertion;
  readonly greed: Greed;
  readonly negated: boolean;
  /** Code points to step back before a look behind; 0 for a look ahead. */
  readonly back: number;
}

const MOST = 20_000;
const NOTHING = setOf('[]');

/** Instructions of an expression, the first one at 0. */
export interface Program {
  readonly instructions: readonly Instruction[];
  /** Whether a repetition may go round without taking anything, so that what was tried must be remembered from the start. */
  readonly idles: boolean;
}

/** Instructions of a parsed expression. @throws {FormatError} when they are too many @throws {UnsupportedError} for a look behind without one length */
export function compile(root: Node): Program {
  const program: Instruction[] = [];
  let idles = false;
  const emit = (op: number, fields: Partial<Instruction> = {}): Instruction => {
    if (program.length >= MOST) throw new FormatError(`regular expression: it takes more than ${MOST} instructions`, { parameter: 'pattern' });
    const instruction = {
      op,
      next: program.length + 1,
      other: -1,
      set: NOTHING,
      test: 'textStart',
      greed: 'greedy',
      negated: false,
      back: 0,
      ...fields,
    } as Instruction;
    program.push(instruction);
    return instruction;
  };

  const COMPILERS: { readonly [K in Node['kind']]: (node: Extract<Node, { kind: K }>) => void } = {
    set: ({ set }) => emit(Op.set, { set }),
    sequence: ({ items }) => items.forEach(visit),
    choice: ({ items }) => {
      const jumps: Instruction[] = [];
      items.forEach((item, i) => {
        const split = i < items.length - 1 ? emit(Op.split) : null;
        visit(item);
        if (split === null) return;
        jumps.push(emit(Op.jump));
        split.other = program.length;
      });
      for (const jump of jumps) jump.next = program.length;
    },
    repeat: node => {
      if (node.greed === 'possessive' && node.item.kind !== 'set') return visit({ kind: 'atomic', item: { ...node, greed: 'greedy' } });
      if (node.greed === 'possessive' && node.max !== Number.POSITIVE_INFINITY) return visit({ kind: 'atomic', item: { ...node, greed: 'greedy' } });
      for (let i = 0; i < node.min; i++) visit(node.item);
      if (node.max === Number.POSITIVE_INFINITY) repeatForever(node.item, node.greed);
      else repeatUpTo(node.item, node.max - node.min, node.greed);
    },
    atomic: ({ item }) => {
      if (item.kind === 'repeat' && item.item.kind === 'set' && item.max === Number.POSITIVE_INFINITY && item.greed === 'greedy')
        return visit({ ...item, greed: 'possessive' });
      part(Op.atomic, item, {});
    },
    look: ({ item, ahead, negated }) => {
      if (item.kind === 'set') emit(Op.lookSet, { set: item.set, negated, back: ahead ? 0 : 1 });
      else if (ahead) part(Op.look, item, { negated });
      else {
        const choices = item.kind === 'choice' ? item.items : [item];
        const lengths = new Set(choices.map(lengthOf));
        if (lengths.size > 1 || lengths.has(null))
          throw new UnsupportedError('regular expression: what lies behind must have one length', { parameter: 'pattern' });
        part(Op.look, item, { negated, back: [...lengths][0]! });
      }
    },
    assertion: ({ test }) => emit(Op.assertion, { test }),
  };
  const visit = (node: Node): void => (COMPILERS[node.kind] as (node: Node) => void)(node);

  /** Instructions of their own, ended by a match, which the one before them steps over. */
  const part = (op: number, item: Node, fields: Partial<Instruction>): void => {
    const outer = emit(op, fields);
    outer.other = program.length;
    visit(item);
    emit(Op.match);
    outer.next = program.length;
  };

  const repeatForever = (item: Node, greed: Greed): void => {
    if (item.kind === 'set' && greed !== 'lazy') return void emit(Op.run, { set: item.set, greed });
    idles ||= mayTakeNothing(item);
    const start = program.length;
    const split = emit(Op.split);
    const body = program.length;
    visit(item);
    const jump = emit(Op.jump);
    jump.next = start;
    [split.next, split.other] = greed === 'lazy' ? [program.length, body] : [body, program.length];
  };

  const repeatUpTo = (item: Node, times: number, greed: Greed): void => {
    const splits: Instruction[] = [];
    for (let i = 0; i < times; i++) {
      splits.push(emit(Op.split));
      visit(item);
    }
    for (const split of splits) {
      if (greed === 'lazy') [split.next, split.other] = [program.length, split.next];
      else split.other = program.length;
    }
  };

  visit(root);
  emit(Op.match);
  return { instructions: program, idles };
}

function mayTakeNothing(node: Node): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'sequence':
      return node.items.every(mayTakeNothing);
    case 'choice':
      return node.items.some(mayTakeNothing);
    case 'repeat':
      return node.min === 0 || mayTakeNothing(node.item);
    case 'atomic':
      return mayTakeNothing(node.item);
    default:
      return true;
  }
}

/** Code points that an expression always takes, or null where that varies. */
function lengthOf(node: Node): number | null {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'sequence':
      return node.items.reduce<number | null>((total, item) => {
        const length = lengthOf(item);
        return total === null || length === null ? null : total + length;
      }, 0);
    case 'choice': {
      const [first = 0, ...rest] = node.items.map(lengthOf);
      return rest.every(length => length === first) ? first : null;
    }
    case 'repeat': {
      const length = lengthOf(node.item);
      return node.min === node.max && length !== null ? length * node.min : null;
    }
    case 'atomic':
      return lengthOf(node.item);
    default:
      return 0;
  }
}
