/** A map of bounded size: a new entry evicts the one that was set longest ago. */
export class LruMap<Key, Value> extends Map<Key, Value> {
  readonly #limit: number;

  /** @param limit Entries that the map holds at most. */
  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  /** Sets an entry and makes it the newest. */
  override set(key: Key, value: Value): this {
    this.delete(key);
    super.set(key, value);
    const [oldest] = this.keys();
    if (this.size > this.#limit && oldest !== undefined) this.delete(oldest);
    return this;
  }
}
