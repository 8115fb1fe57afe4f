/** Counts and sizes as the reports of models write them. */
import { formatFixed } from '@gtc/errors';

/** Units from the greatest on, each with the least value that it is used for. */
export type Units = readonly (readonly [least: number, unit: string])[];

/** Units of parameters. */
export const COUNT_UNITS: Units = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'K'],
];

/** A value in the greatest unit that it fills, with two decimals; as it is below all of them. */
export function shortened(value: number, units: Units): string {
  const unit = units.find(([least]) => value >= least);
  return unit === undefined ? String(value) : `${formatFixed(value / unit[0], 2)}${unit[1]}`;
}

/** MiB as text, in GB from 1024 on. */
export function memoryText(mib: number): string {
  return mib >= 1024 ? `${formatFixed(mib / 1024, 2)} GB` : `${formatFixed(mib, 2)} MB`;
}
