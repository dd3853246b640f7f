/** The deterministic map D(a) of the golden values: sin(a + 0.31y + 0.17x) + 0.3·cos(2a + 0.23·y·x). */
export function wave(a: number, height: number, width: number): Float64Array {
  return Float64Array.from({ length: height * width }, (_, i) => {
    const y = Math.floor(i / width);
    const x = i % width;
    return Math.sin(a + 0.31 * y + 0.17 * x) + 0.3 * Math.cos(2 * a + 0.23 * y * x);
  });
}

export const HEIGHT = 12;
export const WIDTH = 10;

/** The golden cases' prediction, p = ½ + ½·tanh(1.5·D(0.3)), in float32. */
export const goldenPrediction = Float32Array.from(wave(0.3, HEIGHT, WIDTH), (value) => 0.5 + 0.5 * Math.tanh(1.5 * value));

/** A mask that is 1 where `inside(row, column)`. */
export function maskWhere(inside: (y: number, x: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: HEIGHT * WIDTH }, (_, i) => (inside(Math.floor(i / WIDTH), i % WIDTH) ? 255 : 0));
}

const blobs = wave(0.6, HEIGHT, WIDTH);
export const goldenMasks = {
  A: Uint8Array.from(blobs, (value) => (value > 0.2 ? 255 : 0)),
  B: Float32Array.from(blobs, (value) => Math.min(Math.max((value + 1.3) / 2.6, 0), 1)),
  C: maskWhere(() => false),
  D: maskWhere(() => true),
  F: maskWhere((y, x) => y >= 3 && y <= 7 && x === 0),
  G: maskWhere((y, x) => y === 4 && x === 5),
  H: maskWhere((y, x) => y >= 3 && y <= 7 && x === 9),
};

/** PySODMetrics takes bytes: 255·[g ≥ ½]. */
export function binarised(mask: Uint8Array | Float32Array): Uint8Array {
  return mask instanceof Uint8Array ? mask : Uint8Array.from(mask, (value) => (value >= 0.5 ? 255 : 0));
}
