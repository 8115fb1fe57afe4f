/** A configuration type declared as data: kind, default and rule of each field, cross-field rules last. */

interface Base<V> {
  /** Taken when the field is left out; a field without default is required. */
  readonly default?: V;
  /** Accepts null, whatever the other rules say. */
  readonly nullable?: boolean;
}

/** A number. A one-sided rule lets NaN pass, as a comparison in Python does; a two-sided one and `finite` refuse it. */
export interface NumberField extends Base<number | null> {
  readonly kind: 'int' | 'float';
  /** `value > 0`. */
  readonly positive?: boolean;
  /** `value >= 0`. */
  readonly nonNegative?: boolean;
  /** `value >= min`. */
  readonly min?: number;
  /** `value <= max`. */
  readonly max?: number;
  /** `value > above`. */
  readonly above?: number;
  /** `value < below`. */
  readonly below?: number;
  /** Neither NaN nor infinite. */
  readonly finite?: boolean;
  /** One of these. */
  readonly oneOf?: readonly number[];
}

/** True or false. */
export interface BoolField extends Base<boolean | null> {
  readonly kind: 'bool';
}

/** Text. */
export interface StringField extends Base<string | null> {
  readonly kind: 'string';
  readonly nonEmpty?: boolean;
  /** Not only white space. */
  readonly nonBlank?: boolean;
  /** Greatest length in UTF-16 units. */
  readonly maxLength?: number;
  /** A pattern for the whole text, which must be linear-time, and its words: `[/^\w+$/, 'alphanumeric']`. */
  readonly matches?: readonly [pattern: RegExp, words: string];
  /** One of these. */
  readonly oneOf?: readonly string[] | ReadonlySet<string>;
}

/** A member of an enum (an `as const` object). */
export interface EnumField<V extends string | number> extends Base<V | null> {
  readonly kind: 'enum';
  readonly of: Readonly<Record<string, V>>;
}

/** An array whose items obey `of`. */
export interface ListField<I> extends Base<readonly I[] | null> {
  readonly kind: 'array';
  readonly of: Field<I>;
  readonly nonEmpty?: boolean;
  /** Exact number of items. */
  readonly length?: number;
  /** No two items alike. */
  readonly unique?: boolean;
}

/** A set whose members obey `of`. */
export interface SetField<I> extends Base<ReadonlySet<I> | null> {
  readonly kind: 'set';
  readonly of: Field<I>;
  readonly nonEmpty?: boolean;
}

/** A plain object whose keys are data and whose values obey `of`. */
export interface RecordField<V> extends Base<Readonly<Record<string, V>> | null> {
  readonly kind: 'record';
  readonly of: Field<V>;
  readonly nonEmpty?: boolean;
}

/** A nested configuration. */
export interface NestedField<V extends object> extends Base<V | null> {
  readonly kind: 'config';
  readonly of: Definition<V>;
}

/** Any value; only presence is checked. */
export interface AnyField<V> extends Base<V> {
  readonly kind: 'any';
}

/** The rules admissible for a property of type `V`. */
export type Field<V> = [V] extends [number | null]
  ? NumberField | (number extends V ? never : EnumField<Extract<V, number>>)
  : [V] extends [boolean | null]
    ? BoolField
    : [V] extends [string | null]
      ? StringField | (string extends NonNullable<V> ? never : EnumField<NonNullable<V>>)
      : [V] extends [readonly (infer I)[] | null]
        ? ListField<I> | AnyField<V>
        : [V] extends [ReadonlySet<infer I> | null]
          ? SetField<I> | AnyField<V>
          : [V] extends [Readonly<Record<string, infer I>> | null]
            ? string extends keyof NonNullable<V>
              ? RecordField<I> | AnyField<V>
              : NestedField<NonNullable<V>> | AnyField<V>
            : [V] extends [object | null]
              ? NestedField<NonNullable<V>> | AnyField<V>
              : AnyField<V>;

/**
 * A declared configuration type. Fields stand in the order in which they are checked and printed.
 *
 * `rules` are cross-field: each gets the whole value and returns its complaint or null; each runs when the fields that it reads are sound.
 */
export interface Definition<T extends object> {
  readonly name: string;
  readonly fields: { readonly [K in keyof T]-?: Field<T[K]> };
  readonly rules?: readonly ((value: T) => string | null)[];
}

/** A field whose value type is not known: what interpreters of definitions see. */
export type AnyFieldRule =
  | NumberField
  | BoolField
  | StringField
  | EnumField<string | number>
  | (Base<unknown> & { readonly kind: 'array'; readonly of: AnyFieldRule; readonly nonEmpty?: boolean; readonly length?: number; readonly unique?: boolean })
  | (Base<unknown> & { readonly kind: 'set' | 'record'; readonly of: AnyFieldRule; readonly nonEmpty?: boolean })
  | (Base<unknown> & { readonly kind: 'config'; readonly of: AnyDefinition })
  | AnyField<unknown>;

/** A definition whose value type is not known. */
export interface AnyDefinition {
  readonly name: string;
  readonly fields: Readonly<Record<string, AnyFieldRule>>;
  readonly rules?: readonly ((value: never) => string | null)[];
}
