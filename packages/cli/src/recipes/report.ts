/** Summaries that a person reads. */

const LABEL = 14;

/** A line of a summary. */
export const row = (label: string, value: string): string => `  ${label.padEnd(LABEL)}${value}`;

/** A whole number with commas. */
export const whole = (value: number): string => value.toLocaleString('en-US');

/** Bytes in the unit that suits them. */
export const size = (bytes: number): string => (bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`);

/** Files with their sizes, a line each. */
export function fileRows(content: Readonly<Record<string, Uint8Array | string>>): string[] {
  const width = Math.max(...Object.keys(content).map(name => name.length));
  return Object.entries(content).map(
    ([name, bytes]) => `    ${name.padEnd(width)}  ${size(typeof bytes === 'string' ? new TextEncoder().encode(bytes).length : bytes.length).padStart(9)}`,
  );
}
