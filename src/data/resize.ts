import type { Raster, Size } from './raster.ts';

/** The kernels of the reports: images and masks are shrunk bilinearly, saliency maps are enlarged bicubically (a = −0.5). */
export type ResizeKernel = 'bilinear' | 'bicubic';

/** Fraction bits of Pillow's fixed-point weights: 32 minus 8 for the pixel and 2 against overflow. */
const fractionBits = 22;

interface Kernel {
  /** Half the width of the kernel, in input pixels at scale 1. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const kernels: Readonly<Record<ResizeKernel, Kernel>> = {
  bilinear: { support: 1, weight: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  bicubic: {
    support: 2,
    weight: (distance) => {
      const a = -0.5;
      const x = Math.abs(distance);
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
      return 0;
    },
  },
};

/**
 * Resizes an 8-bit image as Pillow's `Image.resize` does (pixel centres at one half, weights renormalised at the edges, kernel stretched when shrinking,
 * so that it antialiases; a horizontal pass, rounded to 8 bit, then a vertical one), bit for bit. Pillow 13 takes the vertical pass first
 * where that is cheaper, which shows only when one side shrinks and the other grows; the published numbers were made with earlier versions.
 */
export function resize<Channels extends 1 | 3>(image: Raster<Channels>, size: Size, kernel: ResizeKernel): Raster<Channels> {
  const { channels } = image;
  let { width, height, data } = image;
  if (size.width !== width) {
    data = resizeRows(data, height, width, channels, size.width, kernels[kernel]);
    width = size.width;
  }
  if (size.height !== height) {
    data = resizeColumns(data, height, width * channels, size.height, kernels[kernel]);
    height = size.height;
  }
  return { width, height, channels, data };
}

/** For every output pixel: the first input pixel it sees, how many, and their fixed-point weights. */
interface Weights {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `stride` entries for each output pixel. */
  readonly values: Int32Array;
  readonly stride: number;
}

function weightsOf(inputLength: number, outputLength: number, { support, weight }: Kernel): Weights {
  const scale = inputLength / outputLength;
  const stretch = Math.max(1, scale);
  const reach = support * stretch;
  const stride = Math.ceil(reach) * 2 + 1;
  const first = new Int32Array(outputLength);
  const count = new Int32Array(outputLength);
  const values = new Int32Array(outputLength * stride);
  const exact = new Float64Array(stride);
  for (let output = 0; output < outputLength; output++) {
    const centre = (output + 0.5) * scale;
    const from = Math.max(0, Math.trunc(centre - reach + 0.5));
    const to = Math.min(inputLength, Math.trunc(centre + reach + 0.5));
    let sum = 0;
    for (let i = 0; i < to - from; i++) {
      exact[i] = weight((i + from - centre + 0.5) * (1 / stretch));
      sum += exact[i]!;
    }
    first[output] = from;
    count[output] = to - from;
    for (let i = 0; i < to - from; i++) {
      const fixed = (sum === 0 ? exact[i]! : exact[i]! / sum) * 2 ** fractionBits;
      values[output * stride + i] = Math.trunc(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    }
  }
  return { first, count, values, stride };
}

/** Turns the cut-off of the final shift into rounding. */
const oneHalf = 1 << (fractionBits - 1);

function toByte(fixed: number): number {
  const value = fixed >> fractionBits;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function resizeRows(input: Uint8Array, height: number, width: number, channels: 1 | 3, outputWidth: number, kernel: Kernel): Uint8Array {
  const { first, count, values, stride } = weightsOf(width, outputWidth, kernel);
  const output = new Uint8Array(height * outputWidth * channels);
  for (let y = 0; y < height; y++) {
    const row = y * width * channels;
    let target = y * outputWidth * channels;
    for (let x = 0; x < outputWidth; x++) {
      let at = row + first[x]! * channels;
      const end = x * stride + count[x]!;
      if (channels === 1) {
        let sum = oneHalf;
        for (let w = x * stride; w < end; w++) sum += input[at++]! * values[w]!;
        output[target++] = toByte(sum);
        continue;
      }
      let [red, green, blue] = [oneHalf, oneHalf, oneHalf];
      for (let w = x * stride; w < end; w++, at += 3) {
        const weight = values[w]!;
        red += input[at]! * weight;
        green += input[at + 1]! * weight;
        blue += input[at + 2]! * weight;
      }
      output[target++] = toByte(red);
      output[target++] = toByte(green);
      output[target++] = toByte(blue);
    }
  }
  return output;
}

function resizeColumns(input: Uint8Array, height: number, rowLength: number, outputHeight: number, kernel: Kernel): Uint8Array {
  const { first, count, values, stride } = weightsOf(height, outputHeight, kernel);
  const output = new Uint8Array(outputHeight * rowLength);
  const sums = new Int32Array(rowLength);
  for (let y = 0; y < outputHeight; y++) {
    sums.fill(oneHalf);
    for (let i = 0; i < count[y]!; i++) {
      const weight = values[y * stride + i]!;
      const row = (first[y]! + i) * rowLength;
      for (let x = 0; x < rowLength; x++) sums[x]! += input[row + x]! * weight;
    }
    for (let x = 0; x < rowLength; x++) output[y * rowLength + x] = toByte(sums[x]!);
  }
  return output;
}
