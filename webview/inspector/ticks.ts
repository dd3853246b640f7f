/** What follows the scrubber by itself: at a step of it these parts of the page are written, and nothing else is rendered. */
import type { Part } from 'lit';
import { AsyncDirective, directive } from 'lit/async-directive.js';

/** Milliseconds without a step after which what is only spoken is written: nobody listens to sixty epochs a second. */
const restMs = 200;

interface Follower {
  write(): void;
}

/** The steps of one scrubber, and who follows them. */
export class Ticks {
  readonly #seen = new Set<Follower>();
  readonly #spoken = new Set<Follower>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Grows with every step. */
  count = 0;

  add(follower: Follower, when: When): void {
    (when === 'at once' ? this.#seen : this.#spoken).add(follower);
  }

  delete(follower: Follower): void {
    this.#seen.delete(follower);
    this.#spoken.delete(follower);
  }

  step(): void {
    this.count++;
    for (const follower of [...this.#seen]) follower.write();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => [...this.#spoken].forEach((follower) => follower.write()), restMs);
  }
}

type When = 'at once' | 'at rest';

/** Who has a scrubber: the model. */
export interface Scrubbed {
  readonly epoch: number;
  readonly ticks: Ticks;
}

class Following extends AsyncDirective implements Follower {
  #ticks: Ticks | undefined;
  #value: (() => unknown) | undefined;
  #written: unknown;

  protected get when(): When {
    return 'at once';
  }

  override render(_scrubbed: Scrubbed, value: () => unknown): unknown {
    return value();
  }

  override update(_part: Part, [{ ticks }, value]: [Scrubbed, () => unknown]): unknown {
    if (ticks !== this.#ticks) {
      this.#ticks?.delete(this);
      this.#ticks = ticks;
      ticks.add(this, this.when);
    }
    this.#value = value;
    return (this.#written = value());
  }

  write(): void {
    // Another follower's writing may have taken its place away a moment before.
    if (!this.isConnected) return;
    const value = this.#value?.();
    if (value === this.#written) return;
    this.#written = value;
    this.setValue(value);
  }

  protected override disconnected(): void {
    this.#ticks?.delete(this);
  }

  protected override reconnected(): void {
    this.#ticks?.add(this, this.when);
  }
}

/** `${now(model, () => …)}`: a text, an attribute, a property or a small template, worked out anew at every step of the scrubber. */
export const now = directive(Following);

/** The same for what only a screen reader says: written when the scrubber rests. */
export const atRest = directive(
  class extends Following {
    protected override get when(): When {
      return 'at rest';
    }
  },
);

/** Worked out once a step, however many ask for it. */
export function onceAStep<T>({ ticks }: Scrubbed, make: () => T): () => T {
  let made: { readonly count: number; readonly value: T } | undefined;
  return () => {
    if (made?.count !== ticks.count) made = { count: ticks.count, value: make() };
    return made.value;
  };
}
