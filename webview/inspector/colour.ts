/** Colour maps as 256 RGBA words, and the one mapping from a value to a colour. */
import { interpolateCividis, interpolateMagma, interpolateViridis } from 'd3-scale-chromatic';

export const magnitudeMaps = ['viridis', 'magma', 'cividis', 'grey'] as const;
export type MagnitudeMap = (typeof magnitudeMaps)[number];

/** 256 colours, as the bytes red, green, blue, alpha in memory. */
export type Colours = Uint32Array;

const tables = new Map<string, Colours>();

export function magnitudeColours(map: MagnitudeMap): Colours {
  return table(map, () => fromCss(interpolators[map]));
}

/** Blue below zero, orange above, built in OKLab so that both sides are even. Zero recedes: dark in dark themes, light in light ones and on paper. */
export function divergingColours(dark: boolean): Colours {
  return table(dark ? 'diverging-dark' : 'diverging-light', () => colours((i) => diverging((i - 127.5) / 127.5, dark)));
}

/**
 * The colour's index of a value: 256 equal steps from `low` to `high`, clamped.
 * @returns -1 for NaN
 */
export function colourIndex(value: number, low: number, high: number): number {
  if (Number.isNaN(value)) return -1;
  if (high <= low) return value < low ? 0 : value > low ? 255 : 128;
  const step = Math.floor((256 * (value - low)) / (high - low));
  return step < 0 ? 0 : step > 255 ? 255 : step;
}

/** `rgb(…)` of a table's entry. */
export function cssColour(table: Colours, index: number): string {
  const word = table[index]!;
  return `rgb(${word & 255} ${(word >> 8) & 255} ${(word >> 16) & 255})`;
}

const interpolators: Readonly<Record<MagnitudeMap, (t: number) => string>> = {
  viridis: interpolateViridis,
  magma: interpolateMagma,
  cividis: interpolateCividis,
  grey: (t) => `rgb(${Math.round(255 * t)}, ${Math.round(255 * t)}, ${Math.round(255 * t)})`,
};

function table(name: string, make: () => Colours): Colours {
  const known = tables.get(name) ?? make();
  tables.set(name, known);
  return known;
}

/** Red, green, blue, bytes. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** The bytes red, green, blue, alpha in memory. */
export function wordOf([red, green, blue]: Rgb, alpha: number): number {
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function colours(at: (index: number) => Rgb): Colours {
  const words = new Uint32Array(256);
  for (let i = 0; i < 256; i++) words[i] = wordOf(at(i), 255);
  return words;
}

function fromCss(interpolate: (t: number) => string): Colours {
  return colours((i) => parseCss(interpolate(i / 255)));
}

/** d3 writes `#rrggbb` or `rgb(r, g, b)`. */
function parseCss(colour: string): Rgb {
  if (colour.startsWith('#')) return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as unknown as Rgb;
  return (colour.match(/\d+/g) ?? []).map(Number) as unknown as Rgb;
}

function diverging(t: number, dark: boolean): Rgb {
  const strength = Math.abs(t);
  const hue = t < 0 ? 4.42 : 0.86;
  const lightness = dark ? 0.24 + 0.6 * strength : 0.965 - 0.5 * strength;
  const chroma = dark ? 0.145 * Math.min(1, 1.7 * strength) * (1 - 0.35 * Math.max(0, strength - 0.6)) : 0.155 * Math.min(1, 1.45 * strength);
  return oklchToSrgb(lightness, chroma * (t < 0 ? 0.92 : 1), hue);
}

/** Björn Ottosson's OKLab to sRGB, bytes. */
function oklchToSrgb(lightness: number, chroma: number, hue: number): Rgb {
  const [a, b] = [chroma * Math.cos(hue), chroma * Math.sin(hue)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s, -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s].map(
    (linear) => Math.round(255 * gamma(Math.min(1, Math.max(0, linear)))),
  ) as unknown as Rgb;
}

function gamma(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}
