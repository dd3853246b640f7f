import { Random } from '../../../src/base/random.ts';

/** Numbers at the edges of what a length or an offset can be. */
const edges = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** A file with one to four random changes: bits, bytes, numbers, cuts, repetitions. Depends on `key` and `index` alone. */
export function mutate(bytes: Uint8Array, key: string, index: number): Uint8Array {
  const random = new Random('mutate', key, index);
  let mutated = Uint8Array.from(bytes);
  for (let changes = 1 + random.integer(4); changes > 0 && mutated.length > 8; changes--) {
    const at = random.integer(mutated.length - 8);
    switch (random.integer(7)) {
      case 0:
        mutated[at]! ^= 1 << random.integer(8);
        break;
      case 1:
        mutated[at] = random.integer(256);
        break;
      case 2:
        new DataView(mutated.buffer).setUint32(at, edges[random.integer(edges.length)]!, true);
        break;
      case 3:
        new DataView(mutated.buffer).setBigUint64(at, BigInt(random.integer(2 ** 31)) << BigInt(random.integer(33)), true);
        break;
      case 4:
        mutated = mutated.slice(0, at);
        break;
      case 5: {
        const piece = mutated.slice(at, at + 1 + random.integer(64));
        mutated = Uint8Array.from([...mutated.slice(0, at), ...piece, ...mutated.slice(at)]);
        break;
      }
      case 6:
        mutated = Uint8Array.from([...mutated.slice(0, at), ...mutated.slice(at + 1 + random.integer(64))]);
        break;
    }
  }
  return mutated;
}
