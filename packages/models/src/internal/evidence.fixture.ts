/** Reads the tensors of evidence: values as the harness decodes them, types and shapes as the file says them. */
import { type DType, reshape, type Tensor, tensor } from '@gtc/tensor';

/** A tensor as a file describes it. */
export type File = { readonly dtype: DType; readonly shape: number[] };
/** Decoded input of a case. */
export type Given = Readonly<Record<string, never>>;
/** The case as it stands in the file. */
export type Raw = { readonly input: Readonly<Record<string, File>>; readonly expect?: object };

/** A tensor of the file. */
export const read = (data: never, { dtype, shape }: File): Tensor => reshape(tensor(data, { dtype }), shape);
