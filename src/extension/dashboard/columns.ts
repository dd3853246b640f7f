/** Columns that grow by rows, and lose rows at their end when a resumed run does them again. */

/** Numbers by name, one row an entry of `step`; NaN where a row has none. */
export class GrowingColumns {
  readonly step: number[] = [];
  /** Seconds of training. */
  readonly time: number[] = [];
  readonly #values = new Map<string, number[]>();

  get length(): number {
    return this.step.length;
  }

  get names(): string[] {
    return [...this.#values.keys()];
  }

  /** The values of a column, none where no row had it. */
  column(name: string): readonly number[] {
    return this.#values.get(name) ?? [];
  }

  /** Adds a row, or replaces the one of the same step. Rows come in order of `step`, apart from that. */
  put(step: number, time: number, row: Readonly<Record<string, number>>): void {
    const at = this.#indexFrom(step);
    if (at === this.length || this.step[at] !== step) {
      this.step.splice(at, 0, step);
      this.time.splice(at, 0, time);
      for (const values of this.#values.values()) values.splice(at, 0, NaN);
    } else {
      this.time[at] = time;
      for (const values of this.#values.values()) values[at] = NaN;
    }
    for (const [name, value] of Object.entries(row)) {
      let values = this.#values.get(name);
      if (values === undefined) this.#values.set(name, (values = new Array<number>(this.length).fill(NaN)));
      values[at] = value;
    }
  }

  /** Drops the rows after `step`. */
  cutAfter(step: number): void {
    const length = this.#indexFrom(step + 1);
    this.step.length = length;
    this.time.length = length;
    for (const values of this.#values.values()) values.length = length;
  }

  /** The first row whose step is not before `step`; nearly always the end. */
  #indexFrom(step: number): number {
    let at = this.length;
    while (at > 0 && this.step[at - 1]! >= step) at--;
    return at;
  }
}
