/**
 * The official code's way from a sigmoid map to the 8-bit map that it saves and evaluates (`scrkd448`): where no value
 * exceeds 0.25, values below 0.25 become 0 (nothing was found); otherwise the map is min-max normalised to [0, 1].
 * Then ×255 and truncated.
 *
 * The caller then resizes these bytes to 448×448 (bicubic, a = −0.5, as PIL does) and passes the result to the
 * evaluator as a `Uint8Array`, beside the mask resized to 448×448 (antialiased bilinear).
 *
 * @param map saliencies in [0, 1], any size
 */
export function postprocess(map: Float32Array): Uint8Array {
  let low = Infinity;
  let high = -Infinity;
  for (const value of map) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const bytes = new Uint8Array(map.length);
  if (high <= NOTHING_FOUND) {
    for (let i = 0; i < map.length; i++) bytes[i] = map[i]! < NOTHING_FOUND ? 0 : Math.trunc(Math.fround(255 * map[i]!));
    return bytes;
  }
  const range = Math.fround(high - low);
  if (range === 0) return bytes;
  for (let i = 0; i < map.length; i++) bytes[i] = Math.trunc(Math.fround(255 * Math.fround(Math.fround(map[i]! - low) / range)));
  return bytes;
}

const NOTHING_FOUND = 0.25;
