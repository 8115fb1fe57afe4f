/** The pickled state of Python's `random`, read and written without executing anything. */
import { FormatError } from '@gtc/errors';
import type { PythonRandomState } from '@gtc/tensor/random';

/** Opcodes of pickle protocol 4 that a state needs. */
const OP = {
  PROTO: 0x80,
  FRAME: 0x95,
  MARK: 0x28,
  TUPLE: 0x74,
  TUPLE3: 0x87,
  MEMOIZE: 0x94,
  NONE: 0x4e,
  STOP: 0x2e,
  INT1: 0x4b,
  INT2: 0x4d,
  INT4: 0x4a,
  LONG1: 0x8a,
  FLOAT: 0x47,
} as const;

const VERSION = 3;

const malformed = (what: string, offset: number): FormatError =>
  new FormatError(`pythonState is no pickled state of Python's random: ${what} at byte ${offset}`, { parameter: 'pythonState', received: offset });

/** The value of a pickle of nothing but integers, floats, None and tuples. */
function unpickle(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: unknown[] = [];
  const marks: number[] = [];
  let offset = 0;
  const take = (length: number): number => {
    if (offset + length > bytes.byteLength) throw malformed('it ends early', offset);
    offset += length;
    return offset - length;
  };
  const readers: Readonly<Record<number, () => void>> = {
    [OP.PROTO]: () => take(1),
    [OP.FRAME]: () => take(8),
    [OP.MEMOIZE]: () => undefined,
    [OP.MARK]: () => marks.push(stack.length),
    [OP.TUPLE]: () => stack.push(stack.splice(marks.pop() ?? 0)),
    [OP.TUPLE3]: () => stack.push(stack.splice(-3)),
    [OP.NONE]: () => stack.push(null),
    [OP.INT1]: () => stack.push(view.getUint8(take(1))),
    [OP.INT2]: () => stack.push(view.getUint16(take(2), true)),
    [OP.INT4]: () => stack.push(view.getInt32(take(4), true)),
    [OP.FLOAT]: () => stack.push(view.getFloat64(take(8))),
    [OP.LONG1]: () => {
      const length = view.getUint8(take(1));
      const start = take(length);
      if (length > 6) throw malformed('an integer is too long', start);
      stack.push(bytes.slice(start, start + length).reduceRight((value, byte) => 256 * value + byte, 0));
    },
  };
  for (;;) {
    const at = take(1);
    const op = view.getUint8(at);
    if (op === OP.STOP) return stack.at(-1);
    const read = readers[op];
    if (read === undefined) throw malformed(`an instruction 0x${op.toString(16)} that no state needs`, at);
    read();
  }
}

/** @throws {FormatError} for bytes that are no such state */
export function decodePythonState(bytes: Uint8Array): PythonRandomState {
  const value = unpickle(bytes);
  const [version, words, spareNormal] = Array.isArray(value) ? value : [];
  const isWord = (word: unknown): boolean => typeof word === 'number' && Number.isInteger(word) && word >= 0 && word <= 0xffffffff;
  if (version !== VERSION || !Array.isArray(words) || words.length !== 625 || !words.every(isWord) || words[624] > 624)
    throw malformed('no version 3 with 625 words', bytes.byteLength);
  if (spareNormal !== null && typeof spareNormal !== 'number') throw malformed('no spare normal', bytes.byteLength);
  return { words, spareNormal };
}

/** Such a state as bytes that Python's `pickle.loads` reads. */
export function encodePythonState({ words, spareNormal }: PythonRandomState): Uint8Array {
  const body: number[] = [OP.INT1, VERSION, OP.MARK];
  for (const word of words) body.push(OP.LONG1, 5, word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24, 0);
  body.push(OP.TUPLE);
  if (spareNormal === null) body.push(OP.NONE);
  else body.push(OP.FLOAT, ...bigEndian(spareNormal));
  return Uint8Array.from([OP.PROTO, 4, ...body, OP.TUPLE3, OP.STOP]);
}

function bigEndian(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return new Uint8Array(view.buffer);
}
