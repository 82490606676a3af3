/** What a key must open to: one of these, null for one that may be gone. */
export type Possible = Set<string | null>;

/** A key that clients know of. */
export interface ExpectedKey {
  owner: string;
  possible: Possible;
  /** A client is changing it; others do not touch it, so that its next value is known. */
  isBusy: boolean;
}

/** What everything that was stored must be at the end. */
export interface Expectations {
  /** By id. */
  keys: Map<string, ExpectedKey>;
  /** Keys that may have been stored by a request whose answer never came. */
  maybe: Set<string>;
  /** Everything that ever was a person's key. */
  everOf(owner: string): ReadonlySet<string>;
  /** Notes a key that was stored. */
  stored(id: string, owner: string, secret: string): void;
  /** Notes a secret that is about to become a person's. */
  issued(owner: string, secret: string): void;
}

/** Begins with nothing. */
export function createExpectations(): Expectations {
  const ever = new Map<string, Set<string>>();
  const keys = new Map<string, ExpectedKey>();
  const everOf = (owner: string) => ever.get(owner) ?? new Set<string>();
  const issued = (owner: string, secret: string) => void ever.set(owner, everOf(owner).add(secret));
  return {
    keys,
    maybe: new Set(),
    everOf,
    issued,
    stored(id, owner, secret) {
      issued(owner, secret);
      keys.set(id, { owner, possible: new Set([secret]), isBusy: false });
    },
  };
}
