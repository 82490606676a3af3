import { z } from "zod";
import type { Caller } from "./callers.ts";
import { ChannelAccess } from "./channel-access.ts";
import type { Follower } from "./changes/dispatcher.ts";
import {
  prepareSubscriptions,
  type Subscription,
  subscriptionId,
  SubscriptionRefused,
} from "./changes/subscriptions.ts";
import type { Broadcast, Frame } from "./frames.ts";
import type { Listener } from "./hub.ts";
import { JoinRefused, type JoinRequest } from "./join-request.ts";
import { PerSecond } from "./per-second.ts";
import { type Presence, type PresenceChange, presenceState } from "./presences.ts";
import { readReplay, type Replayed } from "./replay.ts";
import type { Server } from "./server.ts";

/** How a channel reaches its client. */
export interface Line {
  /** Who holds the key of the connection. */
  readonly caller: Caller;
  send(frame: Frame): void;
  /** Takes the channel off the connection. */
  drop(channel: Channel): void;
}

/** Messages that a client may send on a channel in a second, as on the platform. */
const mostMessages = 100;

const broadcastSchema = z.looseObject({ event: z.string(), payload: z.unknown().optional() });
const presenceSchema = z.looseObject({
  event: z.string(),
  payload: z.record(z.string(), z.unknown()).optional(),
});

/** One joined channel of one connection. */
export class Channel implements Listener, Follower {
  readonly topic: string;
  readonly name: string;
  readonly isPrivate: boolean;
  subscriptions: readonly Subscription[] = [];
  presence: Presence | null = null;
  readonly #server: Server;
  readonly #line: Line;
  readonly #joinRef: string | null;
  readonly #request: JoinRequest;
  readonly #access: ChannelAccess;
  readonly #presenceKey: string;
  #isOpen = false;
  /** Broadcasts that wait until earlier ones have been replayed; null after that. */
  #held: Broadcast[] | null = null;
  readonly #sent = new PerSecond(mostMessages);

  constructor(server: Server, line: Line, frame: Frame, request: JoinRequest) {
    this.#server = server;
    this.#line = line;
    this.#joinRef = frame.joinRef;
    this.#request = request;
    this.topic = frame.topic;
    this.name = frame.topic.replace(/^realtime:/, "");
    this.isPrivate = request.isPrivate;
    this.#access = new ChannelAccess(server, this.name, this.isPrivate, line.caller);
    this.#presenceKey = request.presence.key || crypto.randomUUID();
  }

  get caller(): Caller {
    return this.#access.caller;
  }

  get #wantsPresence(): boolean {
    return this.#request.presence.enabled;
  }

  /**
   * Registers what the client asked for, and then answers.
   *
   * @throws {JoinRefused}
   */
  async join(ref: string | null): Promise<void> {
    const { token, changes, broadcast } = this.#request;
    await this.#access.open(token);
    const refusal = await this.#follow();
    this.#isOpen = true;
    this.#held = [];
    this.#server.hub.add(this);
    this.#server.dispatcher.followers.add(this);
    this.#watchExpiry();
    const replayed = await readReplay(this.#server.sql, this, broadcast.replay);
    const entries = changes.map((change) => ({ ...change, id: subscriptionId(change) }));
    this.reply(ref, { postgres_changes: entries });
    if (this.#wantsPresence) {
      const present = this.#neighbours().flatMap(({ presence }) => presence ?? []);
      this.#push("presence_state", presenceState(present));
    }
    this.#reportChanges(refusal);
    this.#sendHeld(replayed);
  }

  /** Processes a frame of the client other than a join or a leave. */
  async take({ ref, event, payload }: Frame): Promise<void> {
    if (event === "access_token") await this.#renew(Object(payload).access_token);
    if (event === "broadcast") await this.#broadcast(ref, payload);
    if (event === "presence") await this.#track(ref, payload);
  }

  hear(broadcast: Broadcast): void {
    if (this.#held === null) this.#push("broadcast", broadcast);
    else this.#held.push(broadcast);
  }

  hearPresences(change: PresenceChange): void {
    if (this.#wantsPresence) this.#push("presence_diff", change);
  }

  receive(ids: number[], data: unknown): void {
    this.#line.send({ ...this.#frame("postgres_changes", { ids, data }), joinRef: null });
  }

  reply(ref: string | null, response: unknown, status: "ok" | "error" = "ok"): void {
    this.#line.send({ ...this.#frame("phx_reply", { status, response }), ref });
  }

  /** Ends the channel without telling the client, as when the connection has closed. */
  leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#access.stopWatching();
    this.#server.dispatcher.followers.delete(this);
    this.#setPresence(null);
    this.#server.hub.remove(this);
  }

  /** Ends the channel and tells the client, which does not join again by itself. */
  close(): void {
    this.leave();
    this.#line.send({ ...this.#frame("phx_close", {}), ref: this.#joinRef });
    this.#line.drop(this);
  }

  /** Sends replayed broadcasts, and then those that came during the join and are not among them. */
  #sendHeld(replayed: readonly Replayed[]): void {
    const ids = new Set<unknown>(replayed.map(({ meta }) => meta.id));
    const later = this.#held?.filter(({ meta }) => !ids.has(meta?.id)) ?? [];
    this.#held = null;
    for (const broadcast of [...replayed, ...later]) this.#push("broadcast", broadcast);
  }

  async #renew(token: unknown): Promise<void> {
    if (!this.#access.isNew(token)) return;
    const { role } = this.caller;
    try {
      await this.#access.renew(token);
    } catch (error) {
      if (!(error instanceof JoinRefused)) throw error;
      return this.#end(error.message);
    }
    this.#watchExpiry();
    if (role !== this.caller.role) this.#reportChanges(await this.#follow());
  }

  #watchExpiry(): void {
    this.#access.watchExpiry(() => this.#end("Token has expired 0 seconds ago"));
  }

  #end(message: string): void {
    this.#system("system", "error", message);
    this.close();
  }

  /** Subscribes to changes as the caller. @returns why that is refused; null if it is not. */
  async #follow(): Promise<string | null> {
    const { sql, catalogue } = this.#server;
    try {
      const { changes } = this.#request;
      this.subscriptions = await prepareSubscriptions(sql, catalogue, this.caller.role, changes);
      return null;
    } catch (error) {
      if (!(error instanceof SubscriptionRefused)) throw error;
      this.subscriptions = [];
      return error.message;
    }
  }

  #reportChanges(refusal: string | null): void {
    if (this.#request.changes.length === 0) return;
    if (refusal === null) this.#system("postgres_changes", "ok", "Subscribed to PostgreSQL");
    else this.#system("postgres_changes", "error", refusal);
  }

  async #broadcast(ref: string | null, payload: unknown): Promise<void> {
    if (!this.#sent.take()) return this.#end("Too many messages per second");
    const parsed = broadcastSchema.safeParse(payload);
    if (!parsed.success || !await this.#access.maySend()) return;
    const { event, payload: content } = parsed.data;
    const { self, ack } = this.#request.broadcast;
    await this.#server.hub.send({
      topic: this.name,
      isPrivate: this.isPrivate,
      broadcast: { type: "broadcast", event, payload: content },
      ...!self && { except: this },
    });
    if (ack) this.reply(ref, {});
  }

  async #track(ref: string | null, payload: unknown): Promise<void> {
    const parsed = presenceSchema.safeParse(payload);
    if (!parsed.success) return;
    const { event, payload: content } = parsed.data;
    const isTracked = event.toLowerCase() === "track";
    if (isTracked && !await this.#access.mayTrack()) {
      return this.reply(ref, { reason: this.#access.refusal("write") }, "error");
    }
    const meta = { phx_ref: crypto.randomUUID(), ...content };
    this.#setPresence(isTracked ? { key: this.#presenceKey, meta } : null);
    this.reply(ref, {});
  }

  #setPresence(presence: Presence | null): void {
    const left = this.presence;
    if (left === null && presence === null) return;
    this.presence = presence;
    const change = {
      joins: presenceState(presence ? [presence] : []),
      leaves: presenceState(left ? [left] : []),
    };
    for (const channel of this.#neighbours()) channel.hearPresences(change);
  }

  #neighbours(): Listener[] {
    return this.#server.hub.on(this.name, this.isPrivate);
  }

  #system(extension: string, status: "ok" | "error", message: string): void {
    this.#push("system", { channel: this.name, extension, status, message });
  }

  #push(event: string, payload: unknown): void {
    this.#line.send(this.#frame(event, payload));
  }

  #frame(event: string, payload: unknown): Frame {
    return { joinRef: this.#joinRef, ref: null, topic: this.topic, event, payload };
  }
}
