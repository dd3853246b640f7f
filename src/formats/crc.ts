/** Cyclic redundancy checks of 32 bits, bit-reflected: ZIP's and TensorBoard's differ in the polynomial alone. */
export type Crc = (bytes: Uint8Array) => number;

/** CRC-32 (IEEE 802.3), as in ZIP. */
export const crc32: Crc = crcOf(0xedb88320);
/** CRC-32C (Castagnoli), as in TFRecord. */
export const crc32c: Crc = crcOf(0x82f63b78);

function crcOf(polynomial: number): Crc {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1;
    return remainder;
  });
  return (bytes) => {
    let remainder = 0xffffffff;
    for (const byte of bytes) remainder = table[(remainder ^ byte) & 0xff]! ^ (remainder >>> 8);
    return ~remainder >>> 0;
  };
}
