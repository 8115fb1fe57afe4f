/** What components cut and replace at: a text as it is, or a regular expression. */
import { Regex } from '../regex/regex.js';
import { type JsonRecord, recordAt, refuse, textAt } from './json.js';

/** Places of a pattern in a text, from left to right. */
export type Pattern = (text: string) => readonly (readonly [start: number, end: number])[];

/** The places of a text, as they follow each other without overlap. */
export const literal =
  (wanted: string): Pattern =>
  text => {
    const found: [number, number][] = [];
    for (let at = text.indexOf(wanted); at >= 0 && wanted !== ''; at = text.indexOf(wanted, at + wanted.length)) found.push([at, at + wanted.length]);
    return found;
  };

/** The pattern that `{ String }` or `{ Regex }` describes. */
export function patternAt(value: unknown, path: string): Pattern {
  const json: JsonRecord = typeof value === 'string' ? { String: value } : recordAt(value, path);
  if ('String' in json) return literal(textAt(json['String'], `${path}.String`));
  if (!('Regex' in json)) return refuse(path, '{ String } or { Regex }', value);
  const regex = new Regex(textAt(json['Regex'], `${path}.Regex`));
  return text => regex.matches(text);
}
