/** Epochs are made ready to be shown while nothing else is to be done, the nearest to the shown one first. */

/** A page that draws nothing new may not be called idle for long; then a slice that nobody notices is taken. */
const longestWaitMs = 200;
const sliceMs = 6;

export class WorkAhead {
  #key = '';
  #ready = new Set<number>();
  #epochs: readonly number[] = [];
  #current: Iterator<void> | undefined;
  #idle = 0;

  /** @param prepare one epoch's work, in pieces of a few milliseconds at most */
  constructor(private readonly prepare: (epoch: number) => Iterable<void>) {}

  /** @param key of everything but the epoch that decides what is shown: what was ready under another one is not */
  around(epoch: number, epochs: readonly number[], key: string): void {
    if (key !== this.#key) {
      this.#key = key;
      this.#ready = new Set();
      this.#current = undefined;
    }
    this.#ready.add(epoch);
    if (this.#ready.size > epochs.length && this.#current === undefined) return;
    this.#epochs = epochs.filter((other) => !this.#ready.has(other)).sort((a, b) => Math.abs(a - epoch) - Math.abs(b - epoch));
    if (this.#idle === 0 && (this.#epochs.length > 0 || this.#current !== undefined)) this.#soon();
  }

  stop(): void {
    cancelIdleCallback(this.#idle);
    this.#idle = 0;
  }

  #work(deadline: IdleDeadline): void {
    this.#idle = 0;
    const end = performance.now() + (deadline.didTimeout ? sliceMs : deadline.timeRemaining() - 2);
    while (performance.now() < end) {
      this.#current ??= this.#next();
      if (this.#current === undefined) return;
      if (this.#current.next().done === true) this.#current = undefined;
    }
    this.#soon();
  }

  #soon(): void {
    this.#idle = requestIdleCallback((deadline) => this.#work(deadline), { timeout: longestWaitMs });
  }

  #next(): Iterator<void> | undefined {
    const [epoch, ...rest] = this.#epochs;
    if (epoch === undefined) return undefined;
    this.#epochs = rest;
    this.#ready.add(epoch);
    return this.prepare(epoch)[Symbol.iterator]();
  }
}
