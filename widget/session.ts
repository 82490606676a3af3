import type { Client, Identity, Message } from "./api.ts";
import type { Store } from "./store.ts";

/** The dependencies of {@linkcode createSession}. */
export interface SessionParts {
  client: Client;
  store: Store;
  identity: () => Promise<Identity | null>;
  /** Called when a session has begun. */
  emit: (name: "session") => void;
}

/** The session of a visitor: its user, the last message read, and whether it was left. */
export function createSession({ client, store, identity, emit }: SessionParts) {
  let last = 0;
  /** The website's id of the visitor, once the page has passed it. */
  let visitor: string | undefined;
  /** The user whose session is being started; null if none is. */
  let beginning: { user: string | undefined } | null = null;
  let left = 0;

  const hasToken = () => store.get().token !== undefined;

  /** Ends the session: its token is no longer valid. */
  function forget(): void {
    store.set({ token: undefined, user: undefined });
    last = 0;
  }

  return {
    hasToken,
    forget,
    /** Whether there is a session, or one is being started. */
    exists: () => beginning !== null || hasToken(),
    /** Whether the stored session belongs to a user whom the page has not identified yet. */
    isOthers(): boolean {
      const { user } = store.get();
      return user !== undefined && user !== visitor;
    },
    /** Sets the user of the page. @returns Whether the session is another user's. */
    identify(user: string | undefined): boolean {
      visitor = user;
      const session = hasToken() ? store.get() : beginning;
      return session !== null && session.user !== user;
    },
    /** Starts a session, unless it is left in the meantime. */
    async begin(isLeft: () => boolean): Promise<void> {
      const known = await identity();
      if (isLeft()) return;
      const begun = beginning = { user: known?.user_id };
      const session = await client.start(known).finally(() => {
        if (beginning === begun) beginning = null;
      });
      if (isLeft()) return;
      visitor = session.user;
      store.set(session);
      emit("session");
    },
    /** The messages that were not read yet, and whether an answer is under way. */
    unread: () => client.list(last),
    /** Notes that messages were read. */
    read(messages: readonly Message[]): void {
      for (const { seq } of messages) last = Math.max(last, seq);
    },
    /**
     * Returns a function that checks whether the session was left: then nothing of it is shown, sent or
     * stored.
     */
    watch(): () => boolean {
      const before = left;
      return () => left !== before;
    },
    leave(): void {
      left++;
      beginning = null;
      forget();
      store.clear();
    },
  };
}

/** A session. */
export type Session = ReturnType<typeof createSession>;
