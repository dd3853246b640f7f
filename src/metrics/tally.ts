import { scaled, type Mask, type SaliencyMap } from './planes.ts';

/**
 * The pixels of an image, grouped by what every measure without a sense of place sees of them: their saliency and their
 * mask value. For bytes one pass over the image makes a few hundred groups, and all the rest is done on those.
 */
export interface Tally {
  readonly pixels: number;
  /** The mask's different values, and how many pixels have each. */
  readonly maskValues: Float64Array;
  readonly maskCounts: Float64Array;
  /** The mean of the mask's (soft) values, and of the normalised saliencies. */
  readonly maskMean: number;
  readonly mean: number;
  readonly groups: Groups;
}

/** Parallel arrays, an entry a group. */
export interface Groups {
  readonly count: Uint32Array;
  /** Index into `maskValues`. */
  readonly mask: Uint32Array;
  /** Normalised saliency. */
  readonly saliency: Float64Array;
  /** The saliency that the absolute error is taken of. */
  readonly forError: Float64Array;
  /** The index of the highest threshold that the saliency reaches. */
  readonly level: Uint8Array;
}

/** @param counted how often each byte is met on the background (at `2 · byte`) and on the object (at `2 · byte + 1`), where that is known: with a binary mask it spares a pass over the image */
export function tallyOf(map: SaliencyMap, mask: Mask, counted?: Uint32Array): Tally {
  const palette = paletteOf(mask.values);
  const { values } = map;
  const { codes } = mask;
  const groups = values instanceof Uint8Array && codes instanceof Uint8Array ? groupBytes(map, histogramOf(values, mask, codes, palette.indexOf, counted)) : groupPixels(map, codes, palette.indexOf);
  const maskCounts = new Float64Array(palette.values.length);
  let saliencySum = 0;
  for (let g = 0; g < groups.count.length; g++) {
    maskCounts[groups.mask[g]!]! += groups.count[g]!;
    saliencySum += groups.count[g]! * groups.saliency[g]!;
  }
  let maskSum = 0;
  for (let k = 0; k < maskCounts.length; k++) maskSum += maskCounts[k]! * palette.values[k]!;
  return { pixels: values.length, maskValues: palette.values, maskCounts, maskMean: maskSum / values.length, mean: saliencySum / values.length, groups };
}

/** The different values among those of the codes, and for each code the index of its value. */
function paletteOf(valueOfCode: Float64Array): { values: Float64Array; indexOf: Uint32Array } {
  const known = new Map<number, number>();
  const indexOf = Uint32Array.from(valueOfCode, (value) => {
    if (!known.has(value)) known.set(value, known.size);
    return known.get(value)!;
  });
  return { values: Float64Array.from(known.keys()), indexOf };
}

interface Histogram {
  /** How often each saliency meets each mask value, at `saliency · stride + mask`. */
  readonly counts: Uint32Array;
  readonly stride: number;
}

function histogramOf(values: Uint8Array, { codes, foreground }: Mask, bytes: Uint8Array, indexOf: Uint32Array, counted: Uint32Array | undefined): Histogram {
  if (codes === foreground && counted !== undefined) return { counts: counted, stride: 2 };
  const stride = (Math.max(...indexOf) + 1) | 1; // odd, or the counters of one mask value would share a few lines of the processor's cache
  return { counts: countPairs(values, bytes, Uint8Array.from(indexOf), stride), stride };
}

function groupBytes(map: SaliencyMap, { counts, stride }: Histogram): Groups {
  const occurring: number[] = [];
  for (let cell = 0; cell < counts.length; cell++) if (counts[cell]! > 0) occurring.push(cell);
  const valueOf = (cell: number): number => Math.floor(cell / stride);
  return {
    count: Uint32Array.from(occurring, (cell) => counts[cell]!),
    mask: Uint32Array.from(occurring, (cell) => cell % stride),
    saliency: Float64Array.from(occurring, (cell) => scaled(valueOf(cell), map.normalised)),
    forError: Float64Array.from(occurring, (cell) => scaled(valueOf(cell), map.forError)),
    level: Uint8Array.from(occurring, (cell) => map.levelOf(valueOf(cell))),
  };
}

/** Above this many counters the lanes would leave the processor's nearest cache. */
const laneLimit = 4096;

/** How often each saliency meets each mask value, at `saliency · stride + mask`. */
function countPairs(values: Uint8Array, codes: Uint8Array, maskOf: Uint8Array, stride: number): Uint32Array {
  const cells = 256 * stride;
  const histogram = new Uint32Array(cells);
  let i = 0;
  if (cells <= laneLimit) {
    // Neighbours are mostly equal, and a counter cannot be raised again before it was stored: four take turns.
    const lanes = new Uint32Array(4 * cells);
    for (; i + 4 <= values.length; i += 4) {
      lanes[values[i]! * stride + maskOf[codes[i]!]!]!++;
      lanes[cells + values[i + 1]! * stride + maskOf[codes[i + 1]!]!]!++;
      lanes[2 * cells + values[i + 2]! * stride + maskOf[codes[i + 2]!]!]!++;
      lanes[3 * cells + values[i + 3]! * stride + maskOf[codes[i + 3]!]!]!++;
    }
    for (let cell = 0; cell < cells; cell++) histogram[cell] = lanes[cell]! + lanes[cells + cell]! + lanes[2 * cells + cell]! + lanes[3 * cells + cell]!;
  }
  for (; i < values.length; i++) histogram[values[i]! * stride + maskOf[codes[i]!]!]!++;
  return histogram;
}

/** Numbers hardly repeat: every pixel is a group. */
function groupPixels(map: SaliencyMap, codes: Uint8Array | Uint32Array, indexOf: Uint32Array): Groups {
  const { values } = map;
  const groups = {
    count: new Uint32Array(values.length).fill(1),
    mask: new Uint32Array(values.length),
    saliency: new Float64Array(values.length),
    forError: new Float64Array(values.length),
    level: new Uint8Array(values.length),
  };
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    groups.mask[i] = indexOf[codes[i]!]!;
    groups.saliency[i] = scaled(value, map.normalised);
    groups.forError[i] = scaled(value, map.forError);
    groups.level[i] = map.levelOf(value);
  }
  return groups;
}

export function meanAbsoluteError({ groups, maskValues, pixels }: Tally): number {
  let sum = 0;
  for (let g = 0; g < groups.count.length; g++) sum += groups.count[g]! * Math.abs(groups.forError[g]! - maskValues[groups.mask[g]!]!);
  return sum / pixels;
}
