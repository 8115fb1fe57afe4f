/** The values of a `config.json`, read by name and checked. */
import { createFrom, show, ValidationError } from '@gtc/errors';
import { RopeParameters } from '../positional/rope.js';

/** The content of a `config.json`, in its own names. */
export type ModelJson = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is ModelJson => typeof value === 'object' && value !== null && !Array.isArray(value);
const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Reads values of a `config.json`. A value that is null counts as missing. */
export class Settings {
  readonly json: ModelJson;

  constructor(json: ModelJson) {
    if (!isRecord(json)) throw new ValidationError(`config must be the object of a config.json, got ${show(json)}`, { parameter: 'config', received: json });
    this.json = json;
  }

  #read<V>(names: readonly string[], fallback: V | undefined, expected: string, fits: (value: unknown) => boolean): V {
    const name = names.find(each => this.json[each] !== undefined && this.json[each] !== null);
    const value = name === undefined ? fallback : this.json[name];
    if (value === undefined || (name !== undefined && !fits(value)))
      throw new ValidationError(`config.${name ?? names[0]} must be ${expected}, got ${show(value)}`, { parameter: 'config', received: value, expected });
    return value as V;
  }

  /** A positive integer. @param names that a version of the file may give it @param fallback where it has none; without, it must be there */
  count(names: string | readonly string[], fallback?: number): number {
    return this.#read([names].flat(), fallback, 'a positive integer', value => Number.isInteger(value) && (value as number) > 0);
  }

  /** A finite number. */
  number(names: string | readonly string[], fallback?: number): number {
    return this.#read([names].flat(), fallback, 'a number', Number.isFinite);
  }

  /** A finite number, or null where there is none. */
  maybe(name: string): number | null {
    return this.#read([name], null as number | null, 'a number', Number.isFinite);
  }

  /** The number of a token: a count from 0, or null where there is none. */
  token(name: string): number | null {
    return this.#read([name], null as number | null, 'the number of a token', value => Number.isInteger(value) && (value as number) >= 0);
  }

  /** A text. */
  text(names: string | readonly string[], fallback?: string): string {
    return this.#read([names].flat(), fallback, 'a text', value => typeof value === 'string');
  }

  /** true or false. */
  flag(name: string, fallback: boolean): boolean {
    return this.#read([name], fallback, 'true or false', value => typeof value === 'boolean');
  }

  /** A list of texts, or null where there is none. */
  texts(name: string): readonly string[] | null {
    return this.#read(
      [name],
      null as readonly string[] | null,
      'a list of texts',
      value => Array.isArray(value) && value.every(each => typeof each === 'string'),
    );
  }

  /** Classes of a task: those that have a name. */
  get classes(): number {
    const { id2label } = this.json;
    return isRecord(id2label) ? Object.keys(id2label).length : this.count('num_labels', 2);
  }

  /**
   * The rule of rotary embeddings, as files of both generations have it: `rope_parameters`, or `rope_theta` and `rope_scaling`.
   *
   * @param kind of attention, where a model has rules for each @param theta base of the frequencies where the file has none
   */
  rope(kind: string, theta = 10000): RopeParameters {
    const { rope_parameters: now, rope_scaling: before } = this.json;
    const chosen = isRecord(now) && isRecord(now[kind]) ? now[kind] : now;
    const found = isRecord(chosen) ? chosen : isRecord(before) ? before : {};
    const given = Object.entries(found).map(([name, value]) => [name === 'type' ? 'ropeType' : camel(name), value] as const);
    const ropeTheta = this.number(['rope_theta', 'rotary_emb_base'], theta);
    const original = this.maybe('original_max_position_embeddings');
    const known = given.filter(([name]) => Object.hasOwn(RopeParameters.fields, name));
    const rule = createFrom(RopeParameters, { ropeTheta, originalMaxPositionEmbeddings: original, ...Object.fromEntries(known) });
    if (rule.ropeType !== 'longrope' || rule.originalMaxPositionEmbeddings === null || 'factor' in found) return rule;
    return { ...rule, factor: this.count('max_position_embeddings') / rule.originalMaxPositionEmbeddings };
  }

  /** Share of a head that turns. */
  rotaryShare(fallback = 1): number {
    const { rope_parameters: now } = this.json;
    return new Settings(isRecord(now) ? { ...this.json, ...now } : this.json).number(['partial_rotary_factor', 'rotary_pct'], fallback);
  }
}
