/** Summaries that a person reads. */

const LABEL = 14;

/** A line of a summary. */
export const row = (label: string, value: string): string => `  ${label.padEnd(LABEL)}${value}`;

/** How the loss fell; of a run that was done when it was taken up again, nothing is known. */
export function lossRow(curve: readonly { readonly loss: number }[], steps: number): string {
  const ends = [curve[0], curve.at(-1)].flatMap(each => (each === undefined ? [] : [each.loss.toFixed(3)]));
  return row('loss', `${ends.length === 0 ? 'unknown' : ends.join(' -> ')} in ${steps} steps`);
}

/** A whole number with commas. */
export const whole = (value: number): string => value.toLocaleString('en-US');

/** Bytes in the unit that suits them. */
const size = (bytes: number): string => (bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`);

/** Files with their sizes, a line each. */
function fileRows(content: Readonly<Record<string, Uint8Array | string>>): string[] {
  const width = Math.max(...Object.keys(content).map(name => name.length));
  return Object.entries(content).map(
    ([name, bytes]) => `    ${name.padEnd(width)}  ${size(typeof bytes === 'string' ? new TextEncoder().encode(bytes).length : bytes.length).padStart(9)}`,
  );
}

/** Where a run wrote its files, and which. */
export function writtenRows(out: string, content: Readonly<Record<string, Uint8Array | string>>): string[] {
  return ['', `  Written to ${out}`, ...fileRows(content), ''];
}
