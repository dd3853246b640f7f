import type { StepEvent } from '../protocol/events.ts';

/** Means over the steps of an epoch, also over those that an earlier attempt did. */
export class EpochMeans {
  #steps = 0;
  #seconds = 0;
  #images = 0;
  #total = 0;
  readonly #terms: Record<string, number> = {};

  add(step: Pick<StepEvent, 'terms' | 'total' | 'seconds' | 'batch'>): void {
    this.#steps++;
    this.#seconds += step.seconds;
    this.#images += step.batch.samples.length;
    this.#total += step.total;
    for (const [name, value] of Object.entries(step.terms)) this.#terms[name] = (this.#terms[name] ?? 0) + value;
  }

  get result(): { terms: Record<string, number>; total: number; seconds: number; imagesPerSecond: number } {
    const terms = Object.fromEntries(Object.entries(this.#terms).map(([name, sum]) => [name, sum / this.#steps]));
    return { terms, total: this.#total / this.#steps, seconds: this.#seconds, imagesPerSecond: this.#images / this.#seconds };
  }
}
