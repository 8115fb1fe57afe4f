/** Loops over the elements of strided operands that share a shape: an odometer over the outer axes, runs along the last. */

/** Where an operand's elements lie. */
export interface Strided {
  readonly strides: readonly number[];
  readonly offset: number;
}

/**
 * Visits every element of operands in row-major order, run by run.
 *
 * @param run called with the position of each operand's first element, the step of each operand and the number of elements; both arrays are
 *   reused between calls
 */
export function walk(
  shape: readonly number[],
  operands: readonly Strided[],
  run: (at: readonly number[], steps: readonly number[], length: number) => void,
): void {
  const { lengths, strides } = merge(shape, operands);
  if (lengths.includes(0)) return;
  const last = lengths.length - 1;
  const steps = strides.map(each => each[last]!);
  const at = operands.map(({ offset }) => offset);
  const index = new Array<number>(last).fill(0);
  for (;;) {
    run(at, steps, lengths[last]!);
    let axis = last - 1;
    for (; axis >= 0; axis--) {
      index[axis]!++;
      for (let k = 0; k < at.length; k++) at[k]! += strides[k]![axis]!;
      if (index[axis]! < lengths[axis]!) break;
      for (let k = 0; k < at.length; k++) at[k]! -= strides[k]![axis]! * lengths[axis]!;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** Neighbouring axes that every operand crosses in even steps become one; at least one axis remains. */
export function merge(shape: readonly number[], operands: readonly Strided[]): { lengths: number[]; strides: number[][] } {
  const lengths: number[] = [];
  const strides: number[][] = operands.map(() => []);
  for (const [axis, length] of shape.entries()) {
    if (length === 1) continue;
    const outer = lengths.length - 1;
    if (outer >= 0 && operands.every((operand, k) => strides[k]![outer] === operand.strides[axis]! * length)) {
      lengths[outer]! *= length;
      for (const [k, operand] of operands.entries()) strides[k]![outer] = operand.strides[axis]!;
    } else {
      lengths.push(length);
      for (const [k, operand] of operands.entries()) strides[k]!.push(operand.strides[axis]!);
    }
  }
  if (lengths.length === 0) {
    lengths.push(1);
    for (const each of strides) each.push(0);
  }
  return { lengths, strides };
}
