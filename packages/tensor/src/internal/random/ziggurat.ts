/** Normal and exponential numbers by the ziggurat method (Marsaglia and Tsang 2000) with 256 layers, bit for bit as numpy's `Generator` uses it. */
import { erfc } from '../../special.js';
import type { BitGenerator } from './bit-generators.js';
import { NORMAL_WIDTHS } from './ziggurat-widths.gen.js';

const LAYERS = 256;
/** Where the tails begin. */
const NORMAL_TAIL = 3.6541528853610088;
const EXPONENTIAL_TAIL = 7.69711747013105;

/** A stack of layers of one area: widths, the share of each that lies under the curve of the layer above, heights. */
interface Layers {
  readonly width: Float64Array;
  readonly inside: Float64Array;
  readonly height: Float64Array;
}

/** Layers under a falling curve, from its tail upwards; `scale` integers make up a width. */
function layersOf(tail: number, area: number, curve: (x: number) => number, inverse: (y: number) => number, scale: number): Layers {
  const [width, inside, height] = [new Float64Array(LAYERS), new Float64Array(LAYERS), new Float64Array(LAYERS)];
  const base = area / curve(tail);
  inside[0] = Math.floor((tail / base) * scale);
  width[0] = base / scale;
  width[LAYERS - 1] = tail / scale;
  height[0] = 1;
  height[LAYERS - 1] = curve(tail);
  for (let i = LAYERS - 2, x = tail; i >= 1; i--) {
    const next = inverse(area / x + curve(x));
    inside[i + 1] = Math.floor((next / x) * scale);
    width[i] = next / scale;
    height[i] = curve(next);
    x = next;
  }
  return { width, inside, height };
}

const bell = (x: number): number => Math.exp(-0.5 * x * x);
const normalLayers = (scale: number): Layers =>
  layersOf(
    NORMAL_TAIL,
    NORMAL_TAIL * bell(NORMAL_TAIL) + Math.sqrt(Math.PI / 2) * erfc(NORMAL_TAIL / Math.SQRT2),
    bell,
    y => Math.sqrt(-2 * Math.log(y)),
    scale,
  );

/** The layers of doubles: numpy's own widths, and what follows from them. */
function normalLayersOfNumpy(): Layers {
  const bytes = Uint8Array.from(atob(NORMAL_WIDTHS), letter => letter.charCodeAt(0));
  const width = new Float64Array(bytes.buffer);
  const edge = (i: number): number => width[i]! * 2 ** 52;
  const inside = width.map((_, i) => (i === 0 ? Math.floor((NORMAL_TAIL / edge(0)) * 2 ** 52) : i === 1 ? 0 : Math.floor((edge(i - 1) / edge(i)) * 2 ** 52)));
  return { width, inside, height: width.map((_, i) => (i === 0 ? 1 : bell(edge(i)))) };
}

const cache = new Map<string, Layers>();

function cached(name: string, make: () => Layers): Layers {
  let layers = cache.get(name);
  if (layers === undefined) {
    layers = make();
    cache.set(name, layers);
  }
  return layers;
}

/** A standard normal double: 52 random bits within a layer. */
export function standardNormal(bits: BitGenerator): number {
  const { width, inside, height } = cached('normal', normalLayersOfNumpy);
  for (;;) {
    const word = bits.next64();
    const layer = Number(word & 0xffn);
    const distance = Number((word >> 9n) & 0xfffffffffffffn);
    const x = (word & 0x100n ? -1 : 1) * distance * width[layer]!;
    if (distance < inside[layer]!) return x;
    if (layer === 0) return tailOf((word & 0x20000n) !== 0n, () => bits.nextDouble(), Math.log1p);
    if ((height[layer - 1]! - height[layer]!) * bits.nextDouble() + height[layer]! < bell(x)) return x;
  }
}

/** Beyond the last layer. */
function tailOf(negative: boolean, uniform: () => number, log1p: (x: number) => number): number {
  for (;;) {
    const beyond = -log1p(-uniform()) / NORMAL_TAIL;
    const level = -log1p(-uniform());
    if (level + level > beyond * beyond) return negative ? -(NORMAL_TAIL + beyond) : NORMAL_TAIL + beyond;
  }
}

/** Uniform on [0, 1) with 24 random bits. */
export const nextSingle = (bits: BitGenerator): number => (bits.next32() >>> 8) / 0x1000000;

/** A standard normal single: 23 random bits within a layer. */
export function standardNormalSingle(bits: BitGenerator): number {
  const { width, inside, height } = cached('normal single', () => normalLayers(2 ** 23));
  const { fround } = Math;
  for (;;) {
    const word = bits.next32();
    const layer = word & 0xff;
    const distance = (word >>> 9) & 0x7fffff;
    const x = fround((word & 0x100 ? -1 : 1) * distance * fround(width[layer]!));
    if (distance < inside[layer]!) return x;
    if (layer === 0)
      return fround(
        tailOf(
          ((distance >> 8) & 1) === 1,
          () => nextSingle(bits),
          value => fround(Math.log1p(value)),
        ),
      );
    if ((height[layer - 1]! - height[layer]!) * nextSingle(bits) + height[layer]! < bell(x)) return x;
  }
}

/** A standard exponential double: 53 random bits within a layer. */
export function standardExponential(bits: BitGenerator): number {
  const fall = (x: number): number => Math.exp(-x);
  const { width, inside, height } = cached('exponential', () =>
    layersOf(EXPONENTIAL_TAIL, fall(EXPONENTIAL_TAIL) * (EXPONENTIAL_TAIL + 1), fall, y => -Math.log(y), 2 ** 53),
  );
  for (;;) {
    const word = bits.next64() >> 3n;
    const layer = Number(word & 0xffn);
    const distance = Number(word >> 8n);
    const x = distance * width[layer]!;
    if (distance < inside[layer]!) return x;
    if (layer === 0) return EXPONENTIAL_TAIL - Math.log1p(-bits.nextDouble());
    if ((height[layer - 1]! - height[layer]!) * bits.nextDouble() + height[layer]! < fall(x)) return x;
  }
}
