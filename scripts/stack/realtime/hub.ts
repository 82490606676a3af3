import type { Caller } from "./callers.ts";
import type { Broadcast } from "./frames.ts";
import type { Policies } from "./policies.ts";
import type { Presence, PresenceChange } from "./presences.ts";

/** A channel that receives the broadcasts of its topic. */
export interface Listener {
  readonly caller: Caller;
  /** Its topic, without the prefix `realtime:`. */
  readonly name: string;
  readonly isPrivate: boolean;
  hear(broadcast: Broadcast): void;
  /** The presence of its client; null if it is not tracked. */
  readonly presence: Presence | null;
  /** Is sent if its client asked for presences. */
  hearPresences(change: PresenceChange): void;
}

/** A message for all public or all private channels of a topic, which are separate. */
export interface Message {
  topic: string;
  isPrivate: boolean;
  broadcast: Broadcast;
  /** Who sent it, and does not hear it. */
  except?: Listener;
}

/** Whether policies can be asked about a topic: Postgres stores no U+0000. */
export function isTopic(text: string): boolean {
  return !text.includes("\0");
}

/** The channels of all connections by topic. */
export class Hub {
  readonly #topics = new Map<string, Set<Listener>>();
  readonly #policies: Policies;

  constructor(policies: Policies) {
    this.#policies = policies;
  }

  add(channel: Listener): void {
    const key = keyOf(channel.name, channel.isPrivate);
    const channels = this.#topics.get(key) ?? new Set();
    channels.add(channel);
    this.#topics.set(key, channels);
  }

  remove(channel: Listener): void {
    const key = keyOf(channel.name, channel.isPrivate);
    const channels = this.#topics.get(key);
    channels?.delete(channel);
    if (channels?.size === 0) this.#topics.delete(key);
  }

  /** The channels of a topic. */
  on(topic: string, isPrivate: boolean): Listener[] {
    return [...this.#topics.get(keyOf(topic, isPrivate)) ?? []];
  }

  /** Resolves when the channels of the topic have the message. */
  async send(message: Message): Promise<void> {
    (await this.prepare(message))();
  }

  /**
   * Finds the recipients of a message. The policies of a private channel are evaluated for each
   * message, so a removed member receives nothing more; the platform evaluates them when a token is
   * renewed.
   *
   * @returns sends it.
   */
  async prepare({ topic, isPrivate, broadcast, except }: Message): Promise<() => void> {
    const now = Date.now();
    const channels = this.on(topic, isPrivate)
      .filter((channel) => channel !== except && channel.caller.expiresAt > now);
    if (channels.length === 0) return () => {};
    const callers = [...new Set(channels.map(({ caller }) => caller))];
    const allowed = isPrivate
      ? await this.#policies.whoMay("receive", topic, "broadcast", callers)
      : new Set(callers);
    return () => {
      for (const channel of channels) if (allowed.has(channel.caller)) channel.hear(broadcast);
    };
  }
}

function keyOf(topic: string, isPrivate: boolean): string {
  return `${isPrivate ? "private" : "public"} ${topic}`;
}
