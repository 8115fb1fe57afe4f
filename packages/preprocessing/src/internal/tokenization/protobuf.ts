/** Reads fields of a protocol buffer: numbers, lengths and bytes, checked against what remains. */
import { FormatError } from '@gtc/errors';

/** A field: its number, and a number or bytes. */
export interface Field {
  readonly number: number;
  /** Of a number field; 0 for bytes. */
  readonly value: number;
  /** Of a bytes field; empty for a number. */
  readonly bytes: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** Fields of a message in order; varints, 32-bit floats and 64-bit fields count as numbers. @throws {FormatError} with the offset */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let at = 0;
  const broken = (what: string): FormatError => new FormatError(`protocol buffer: ${what}`, { parameter: 'bytes', offset: at });
  const need = (length: number): void => {
    if (length > message.length - at) throw broken(`${length} bytes are announced and ${message.length - at} remain`);
  };
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      need(1);
      const byte = message[at++]!;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw broken('a number of more than 10 bytes');
  };
  while (at < message.length) {
    const key = varint();
    const [number, kind] = [Math.floor(key / 8), key % 8];
    if (kind === 0) yield { number, value: varint(), bytes: NOTHING };
    else if (kind === 1) {
      need(8);
      yield { number, value: view.getFloat64(at, true), bytes: NOTHING };
      at += 8;
    } else if (kind === 2) {
      const length = varint();
      need(length);
      yield { number, value: 0, bytes: message.subarray(at, at + length) };
      at += length;
    } else if (kind === 5) {
      need(4);
      yield { number, value: view.getFloat32(at, true), bytes: NOTHING };
      at += 4;
    } else throw broken(`a field of kind ${kind}`);
  }
}
