/**
 * Random numbers without state: every draw is a function of a seed and of what it is for
 * (stage, epoch, sample, purpose), so a killed run that resumes sees the numbers of an unbroken one.
 */
export type RandomKey = string | number;

/** 32-bit FNV-1a over the UTF-8 bytes of the keys, each ended by a zero byte so that ('ab','c') differs from ('a','bc'). */
function hashKeys(keys: readonly RandomKey[], offset: number): number {
  let hash = offset >>> 0;
  for (const key of keys) {
    for (const byte of new TextEncoder().encode(String(key))) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    hash = Math.imul(hash, 0x01000193) >>> 0;
  }
  return hash;
}

/** The murmur3 finaliser: spreads every input bit over the whole word. */
function mix(word: number): number {
  let x = word >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** A short private sequence of draws for one purpose. Two generators made from equal keys give equal sequences. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d = 1;

  constructor(...keys: readonly RandomKey[]) {
    this.#a = mix(hashKeys(keys, 0x811c9dc5));
    this.#b = mix(hashKeys(keys, 0x9e3779b9));
    this.#c = mix(hashKeys(keys, 0x7f4a7c15));
    for (let i = 0; i < 12; i++) this.word();
  }

  /** A uniform 32-bit word (the sfc32 generator). */
  word(): number {
    const sum = (this.#a + this.#b + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return ((this.word() >>> 5) * 67108864 + (this.word() >>> 6)) / 9007199254740992;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A uniform integer in [0, count). */
  integer(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Standard normal (Box-Muller; one value a call). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A uniform permutation of 0 … count − 1 (Fisher-Yates). */
  permutation(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
