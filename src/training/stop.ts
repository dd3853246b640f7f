/** How a launch is asked to end from inside its process (Ctrl-C); other processes use the control channel. */
export class StopRequest {
  #level: 'stop' | 'stop-now' | undefined;
  readonly #abort = new AbortController();

  get level(): 'stop' | 'stop-now' | undefined {
    return this.#level;
  }

  /** Aborted by the first request: ends waiting, e.g. for a device. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** `stop`: checkpoint, then end. `stop-now`: end without one. The second request is always `stop-now`. */
  request(level: 'stop' | 'stop-now'): void {
    this.#level = this.#level === undefined ? level : 'stop-now';
    this.#abort.abort();
  }
}
