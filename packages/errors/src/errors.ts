/** The errors that every package throws: one class for each kind of failure, recognisable across installed versions. */
import { show } from './show.js';

const BRAND: unique symbol = Symbol.for('@gtc/errors') as never;

/** What an error speaks of. */
export interface ErrorDetails {
  /** Parameter, field or file that is wrong. */
  readonly parameter?: string;
  /** The value that was refused. */
  readonly received?: unknown;
  /** The rule, in words: `positive`, `in [0, 1)`. */
  readonly expected?: string;
  readonly cause?: unknown;
}

/**
 * Base of all errors of GTC. `code` is stable and meant for programs, `message` for people.
 *
 * @remarks Python: the `ValueError`, `KeyError`, `TypeError` and `RuntimeError` of `hf_gtc`.
 * @example GtcError.is(new ValidationError('r must be positive, got 0', { parameter: 'r', received: 0 })) // => true
 */
export class GtcError extends Error {
  readonly code: string;
  readonly parameter: string | null;
  readonly received: unknown;
  readonly expected: string | null;

  constructor(name: string, code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    Object.defineProperty(this, 'name', { value: name, configurable: true });
    Object.defineProperty(this, BRAND, { value: true });
    this.code = code;
    this.parameter = details.parameter ?? null;
    this.received = details.received;
    this.expected = details.expected ?? null;
  }

  /** True for an error of any installed version of `@gtc/errors`, whatever class object it came from. */
  static is(value: unknown): value is GtcError {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true;
  }
}

/** One broken rule; the shape is that of a Standard Schema issue. */
export interface Issue {
  readonly message: string;
  readonly path: readonly PropertyKey[];
  readonly received?: unknown;
  readonly expected?: string;
}

/**
 * A value, type, axis, index, dtype or range that a rule refuses.
 *
 * @example new ValidationError('r must be positive, got 0', { parameter: 'r' }).code // => 'invalid_value'
 */
export class ValidationError extends GtcError {
  /** Every broken rule, the first one first. */
  readonly issues: readonly Issue[];

  constructor(message: string, details: ErrorDetails & { readonly issues?: readonly Issue[] } = {}) {
    super('ValidationError', 'invalid_value', message, details);
    const path = details.parameter === undefined ? [] : [details.parameter];
    this.issues = details.issues ?? [{ message, path, received: details.received, ...(details.expected === undefined ? {} : { expected: details.expected }) }];
  }

  /** One error for a list of broken rules; the first decides `parameter`, `received` and `expected`. */
  static from(issues: readonly [Issue, ...Issue[]]): ValidationError {
    const [first] = issues;
    return new ValidationError(issues.map(issue => issue.message).join('; '), {
      ...(first.path.length > 0 ? { parameter: first.path.map(String).join('.') } : {}),
      ...(first.expected === undefined ? {} : { expected: first.expected }),
      received: first.received,
      issues,
    });
  }
}

/** What {@link ShapeError.check} accepts for one array: its shape and the dimensions wanted, numbers or names. */
export type ShapeSpec = readonly [{ readonly shape: readonly number[] }, readonly (string | number)[]];

/**
 * Shapes or lengths that do not fit.
 *
 * @example new ShapeError('labels must have length 2, got 3').code // => 'shape_mismatch'
 */
export class ShapeError extends GtcError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('ShapeError', 'shape_mismatch', message, details);
  }

  /**
   * Compares shapes with the dimensions wanted; a named dimension must have one size wherever it occurs.
   *
   * @throws {ShapeError} naming the first array that does not fit and the sizes bound so far
   * @example ShapeError.check({ a: [{ shape: [2, 3] }, ['m', 'k']], b: [{ shape: [3, 5] }, ['k', 'n']] }) // => undefined
   * @example ShapeError.check({ a: [{ shape: [2, 3] }, ['m', 'k']], b: [{ shape: [4, 5] }, ['k', 'n']] }) // throws b must be [k, n] with m = 2, k = 3, got [4, 5]
   */
  static check(spec: Readonly<Record<string, ShapeSpec>>): void {
    const sizes = new Map<string, number>();
    for (const [name, [array, dims]] of Object.entries(spec)) {
      const bound = [...sizes].map(([dim, size]) => `${dim} = ${size}`).join(', ');
      const fits = (dim: string | number, axis: number): boolean => {
        const size = array.shape[axis]!;
        if (typeof dim === 'number') return dim === size;
        if (!sizes.has(dim)) sizes.set(dim, size);
        return sizes.get(dim) === size;
      };
      if (array.shape.length === dims.length && dims.every(fits)) continue;
      const expected = `[${dims.join(', ')}]${bound === '' ? '' : ` with ${bound}`}`;
      throw new ShapeError(`${name} must be ${expected}, got [${array.shape.join(', ')}]`, { parameter: name, received: array.shape, expected });
    }
  }
}

/**
 * An unknown name, key, file or model.
 *
 * @example NotFoundError.of('metric', 'acuracy', ['accuracy', 'f1']).message // => "unknown metric 'acuracy'; did you mean 'accuracy'?"
 */
export class NotFoundError extends GtcError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('NotFoundError', 'not_found', message, details);
  }

  /** Names what was looked for, the nearest candidate, or up to ten candidates when none is near. */
  static of(what: string, name: string, candidates: Iterable<string>): NotFoundError {
    const known = [...candidates];
    const near = nearest(name, known);
    const some = known.slice(0, 10).join(', ') + (known.length > 10 ? ', …' : '');
    const hint = near === null ? `; known: ${some === '' ? 'none' : some}` : `; did you mean '${near}'?`;
    return new NotFoundError(`unknown ${what} ${show(name)}${hint}`, { parameter: what, received: name, expected: `one of ${some}` });
  }
}

/**
 * Bytes or text that break their format.
 *
 * @example new FormatError('header length 9 exceeds the 4 bytes that remain', { offset: 8 }).offset // => 8
 */
export class FormatError extends GtcError {
  /** Where the format breaks, in bytes for binary input and in UTF-16 units for text; null when unknown. */
  readonly offset: number | null;

  constructor(message: string, details: ErrorDetails & { readonly offset?: number } = {}) {
    super('FormatError', 'malformed_input', details.offset === undefined ? message : `${message} (at offset ${details.offset})`, details);
    this.offset = details.offset ?? null;
  }
}

/** Valid, but not offered here, or an optional peer is missing. */
export class UnsupportedError extends GtcError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('UnsupportedError', 'unsupported', message, details);
  }
}

/** Input that would execute code, leave its folder or exhaust the machine. */
export class UnsafeInputError extends GtcError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('UnsafeInputError', 'unsafe_input', message, details);
  }
}

/** The right call at the wrong time. */
export class StateError extends GtcError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('StateError', 'invalid_state', message, details);
  }
}

/** A computation without a finite answer: singular, not positive definite, not converged. */
export class NumericError extends GtcError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('NumericError', 'numeric', message, details);
  }
}

/** Memory, disk or time that ran out; the message says how much was asked for. */
export class ResourceError extends GtcError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('ResourceError', 'out_of_resources', message, details);
  }
}

/**
 * The candidate with the smallest edit distance to `name`, or null when none is near (a third of its length, two at least).
 *
 * @example nearest('lora_aplha', ['r', 'lora_alpha']) // => 'lora_alpha'
 */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  const limit = Math.max(2, Math.floor(name.length / 3));
  let best: string | null = null;
  let least = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) row[j] = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    previous = row;
  }
  return previous[b.length]!;
}
