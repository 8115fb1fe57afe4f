/** The one shape in which every harness hands out its checks, for any test runner. */

/**
 * One check. `it.each(cases)('$name', c => c.run())` in vitest and jest; `for (const c of cases) test(c.name, c.run)` in node:test.
 */
export interface Case {
  readonly name: string;
  /** Throws when the check fails. */
  readonly run: () => void | Promise<void>;
}

/** A check that failed; the message says where and how. */
export class CheckError extends Error {
  override readonly name: string = 'CheckError';
}

/** Throws a {@link CheckError} unless `condition` holds. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new CheckError(message);
}
