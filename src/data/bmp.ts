import type { Raster } from './raster.ts';

/**
 * Decodes an uncompressed BMP with 8 (palette), 24 or 32 bits a pixel, the forms in which masks occur; sharp has no BMP.
 * @returns undefined where the bytes are another form or are cut off
 */
export function decodeBmp(bytes: Uint8Array): Raster<3> | undefined {
  if (bytes.length < 54 || bytes[0] !== 0x42 || bytes[1] !== 0x4d) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = view.getUint32(10, true);
  const headerBytes = view.getUint32(14, true);
  const width = view.getInt32(18, true);
  const storedHeight = view.getInt32(22, true);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  const height = Math.abs(storedHeight);
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  const plain = compression === 0 || (compression === 3 && bits === 32); // 3: channel masks, in practice always BGRA
  if (!plain || ![8, 24, 32].includes(bits) || width <= 0 || height === 0 || start + rowBytes * height > bytes.length) return undefined;
  const palette = 14 + headerBytes;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = start + rowBytes * (storedHeight < 0 ? y : height - 1 - y); // rows from the bottom unless the height is negative
    for (let x = 0; x < width; x++) {
      const source = bits === 8 ? palette + 4 * bytes[row + x]! : row + (x * bits) / 8;
      const target = 3 * (y * width + x);
      data[target] = bytes[source + 2]!;
      data[target + 1] = bytes[source + 1]!;
      data[target + 2] = bytes[source]!;
    }
  }
  return { width, height, channels: 3, data };
}
