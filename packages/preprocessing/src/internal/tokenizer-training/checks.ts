/** Rules that the trainers share. */
import { integer, ValidationError } from '@gtc/errors';

/** An integer of at least `least`. */
export function minimum(value: number, least: number, parameter: string): number {
  if (integer(value, parameter) < least)
    throw new ValidationError(`${parameter} must be at least ${least}, got ${value}`, { parameter, received: value, expected: `at least ${least}` });
  return value;
}
