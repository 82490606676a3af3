/** The presence of a client, as others see it. */
export interface Presence {
  key: string;
  meta: Record<string, unknown>;
}

/** The form in which presences are sent, by key. */
export type PresenceState = Record<string, { metas: Record<string, unknown>[] }>;

/** Who came and who left. */
export interface PresenceChange {
  joins: PresenceState;
  leaves: PresenceState;
}

/** Several clients may have one key, such as two windows of a user. */
export function presenceState(presences: Iterable<Presence>): PresenceState {
  const byKey = Map.groupBy(presences, ({ key }) => key);
  return Object.fromEntries(
    [...byKey].map(([key, same]) => [key, { metas: same.map(({ meta }) => meta) }]),
  );
}
