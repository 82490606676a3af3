/** Counts what a client does, up to a number in each second. */
export class PerSecond {
  readonly #most: number;
  #began = 0;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts one more. @returns whether it is within the limit */
  take(now: number = Date.now()): boolean {
    if (now - this.#began >= 1000) {
      this.#began = now;
      this.#count = 0;
    }
    return ++this.#count <= this.#most;
  }
}
