/** The parts of a picture: escaped text, numbers of few digits, axes with round ticks, a frame that readers of screens can name. */

/** Text inside a picture. */
function escaped(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // Control characters are no part of XML.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
  );
}

/** A coordinate with at most two digits behind the point. */
const at = (value: number): string => String(Math.round(value * 100) / 100);

/** Attributes of an element. */
export type Attributes = Readonly<Record<string, string | number>>;

/** An element with its inside, which is escaped already. */
export function element(name: string, attributes: Attributes, inside = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${typeof value === 'number' ? at(value) : escaped(value)}"`);
  return inside === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${inside}</${name}>`;
}

/** Text at a place. */
export const label = (text: string, x: number, y: number, attributes: Attributes = {}): string => element('text', { x, y, ...attributes }, escaped(text));

/** Colours that people with any colour vision tell apart (Okabe and Ito 2008). */
export const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'] as const;

/** Round values within a range, about so many. */
export function ticks(low: number, high: number, count = 5): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(candidate => candidate >= rough) ?? rough;
  const found: number[] = [];
  for (let value = Math.ceil(low / step - 1e-9) * step; value <= high + step * 1e-9; value += step) found.push(Math.round(value * 1e12) / 1e12 + 0);
  return found;
}

/** A number beside an axis. */
export const numeral = (value: number): string =>
  Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential(1) : String(Math.round(value * 1e4) / 1e4);

/** Where a plot lies in its picture, and what its sides stand for. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly x: readonly [low: number, high: number];
  readonly y: readonly [low: number, high: number];
}

/** Places of values in an area. */
export const scaleOf = ({ left, top, width, height, x, y }: Area): { x: (value: number) => number; y: (value: number) => number } => ({
  x: value => left + ((value - x[0]) / (x[1] - x[0])) * width,
  y: value => top + height - ((value - y[0]) / (y[1] - y[0])) * height,
});

/** Grid, ticks and names of both axes. */
export function axes(area: Area, names: { readonly x: string; readonly y: string }): string {
  const scale = scaleOf(area);
  const { left, top, width, height } = area;
  const grid = { stroke: '#dddddd', 'stroke-width': 1 };
  const vertical = ticks(...area.x).map(
    value =>
      element('line', { x1: scale.x(value), y1: top, x2: scale.x(value), y2: top + height, ...grid }) +
      label(numeral(value), scale.x(value), top + height + 18, { 'text-anchor': 'middle' }),
  );
  const horizontal = ticks(...area.y).map(
    value =>
      element('line', { x1: left, y1: scale.y(value), x2: left + width, y2: scale.y(value), ...grid }) +
      label(numeral(value), left - 8, scale.y(value) + 4, { 'text-anchor': 'end' }),
  );
  const middle = top + height / 2;
  return [
    ...vertical,
    ...horizontal,
    element('rect', { x: left, y: top, width, height, fill: 'none', stroke: '#555555' }),
    label(names.x, left + width / 2, top + height + 40, { 'text-anchor': 'middle' }),
    label(names.y, left - 48, middle, { 'text-anchor': 'middle', transform: `rotate(-90 ${at(left - 48)} ${at(middle)})` }),
  ].join('');
}

/** A line through points. */
export function line(points: readonly (readonly [x: number, y: number])[], colour: string, attributes: Attributes = {}): string {
  return element('polyline', { points: points.map(([x, y]) => `${at(x)},${at(y)}`).join(' '), fill: 'none', stroke: colour, 'stroke-width': 2, ...attributes });
}

/** A whole picture on white. */
export function picture(width: number, height: number, title: string, description: string, inside: string): string {
  const frame = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${at(width)} ${at(height)}`,
    width,
    height,
    role: 'img',
    'font-family': 'system-ui, sans-serif',
    'font-size': 13,
    fill: '#222222',
  };
  const heading = title === '' ? '' : label(title, width / 2, 26, { 'text-anchor': 'middle', 'font-size': 16, 'font-weight': 'bold' });
  const told = element('title', {}, escaped(title === '' ? description : title)) + element('desc', {}, escaped(description));
  return element('svg', frame, told + element('rect', { width, height, fill: '#ffffff' }) + heading + inside);
}
