/** Error classes with stable codes, declared configuration types and argument guards. */
export type { AnyDefinition, AnyFieldRule, Definition, Field } from './definition.js';
export {
  type ErrorDetails,
  FormatError,
  GtcError,
  type Issue,
  NotFoundError,
  NumericError,
  nearest,
  ResourceError,
  ShapeError,
  type ShapeSpec,
  StateError,
  UnsafeInputError,
  UnsupportedError,
  ValidationError,
} from './errors.js';
export {
  allNonNegative,
  allPositive,
  finite,
  inRange,
  integer,
  nonEmpty,
  nonNegative,
  notNull,
  number,
  oneOf,
  positive,
  type Sized,
  sameLength,
} from './guards.js';
export {
  assertFields,
  createFrom,
  type Draft,
  fillFrom,
  issuesOf,
  isValueOf,
  nestedIssue,
  parseEnum,
  parseWith,
  validate,
  valuesOf,
  withDefaults,
} from './interpret.js';
export { type Bounds, describeBounds, describeField } from './rules.js';
export { type FieldRow, fieldRows, type JsonSchema, type StandardSchema, toJsonSchema, toMarkdownTable, toStandardSchema } from './schema.js';
export { show } from './show.js';
export { formatCount, formatFixed, formatFloat, pythonJson, pythonRepr, roundTo, splitWords, strip, stripEnd, textLength, utf8Length } from './text.js';
