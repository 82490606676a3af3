import { z } from "zod";
import { type Caller, isNoToken, TokenRefused } from "./callers.ts";
import type { Follower } from "./changes/dispatcher.ts";
import {
  prepareSubscriptions,
  type Subscription,
  subscriptionId,
  SubscriptionRefused,
} from "./changes/subscriptions.ts";
import type { Broadcast, Frame } from "./frames.ts";
import type { Listener } from "./hub.ts";
import type { JoinRequest } from "./join-request.ts";
import { PerSecond } from "./per-second.ts";
import { type Presence, type PresenceChange, presenceState } from "./presences.ts";
import { readReplay, type Replayed, replaySchema } from "./replay.ts";
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

/** Why a client may not join. */
export class JoinRefused extends Error {
  override name = "JoinRefused";
}

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
  caller: Caller;
  subscriptions: readonly Subscription[] = [];
  presence: Presence | null = null;
  readonly #server: Server;
  readonly #line: Line;
  readonly #joinRef: string | null;
  readonly #request: JoinRequest;
  readonly #presenceKey: string;
  #token: string | null = null;
  #expiry: ReturnType<typeof setTimeout> | undefined;
  /** Whether the policies let the caller send here; null before they were asked. */
  #maySend: boolean | null = null;
  #isOpen = false;
  /** Broadcasts that wait until earlier ones have been repeated; null when none are. */
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
    this.caller = line.caller;
    this.#presenceKey = request.presence.key || crypto.randomUUID();
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
    const { token, changes } = this.#request;
    if (!isNoToken(token)) await this.#adopt(token ?? "");
    this.#assertNotExpired();
    if (this.isPrivate && !await this.#may("receive")) throw new JoinRefused(this.#refusal("read"));
    const refusal = await this.#follow();
    this.#isOpen = true;
    this.#held = [];
    this.#server.hub.add(this);
    this.#server.dispatcher.followers.add(this);
    this.#watchExpiry();
    const replayed = await this.#replay();
    const entries = changes.map((change) => ({ ...change, id: subscriptionId(change) }));
    this.reply(ref, { postgres_changes: entries });
    if (this.#wantsPresence) {
      const present = this.#neighbours().flatMap(({ presence }) => presence ?? []);
      this.#push("presence_state", presenceState(present));
    }
    this.#reportChanges(refusal);
    this.#repeat(replayed);
  }

  /** Takes a frame of the client that is none of joining or leaving. */
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

  /** Ends it without a word, as when the connection is gone. */
  leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearTimeout(this.#expiry);
    this.#server.dispatcher.followers.delete(this);
    this.#setPresence(null);
    this.#server.hub.remove(this);
  }

  /** Ends it and tells the client, which does not join again by itself. */
  close(): void {
    this.leave();
    this.#line.send({ ...this.#frame("phx_close", {}), ref: this.#joinRef });
    this.#line.drop(this);
  }

  /** @throws {JoinRefused} for what cannot be repeated. */
  async #replay(): Promise<Replayed[]> {
    const { replay } = this.#request.broadcast;
    if (replay === undefined || replay === null) return [];
    const refuse = (reason: string) => new JoinRefused(`UnableToReplayMessages: ${reason}`);
    if (!this.isPrivate) throw refuse("Replay is not allowed for public channels");
    const asked = replaySchema.safeParse(replay);
    if (!asked.success) throw refuse("Replay params are not valid");
    return await readReplay(this.#server.sql, this.name, asked.data);
  }

  /** Sends what is repeated, and then what came since and is not among it. */
  #repeat(replayed: readonly Replayed[]): void {
    const ids = new Set<unknown>(replayed.map(({ meta }) => meta.id));
    const later = this.#held?.filter(({ meta }) => !ids.has(meta?.id)) ?? [];
    this.#held = null;
    for (const broadcast of [...replayed, ...later]) this.#push("broadcast", broadcast);
  }

  /** Checks a token and takes its caller. */
  async #adopt(token: string): Promise<void> {
    try {
      this.caller = await this.#server.callers.ofToken(token);
      this.#token = token;
    } catch (error) {
      throw error instanceof TokenRefused ? new JoinRefused(error.message) : error;
    }
  }

  #assertNotExpired(): void {
    const late = Date.now() - this.caller.expiresAt;
    if (late >= 0) throw new JoinRefused(`Token has expired ${Math.ceil(late / 1000)} seconds ago`);
  }

  async #renew(token: unknown): Promise<void> {
    if (isNoToken(token) || token === this.#token) return;
    const { role } = this.caller;
    try {
      await this.#adopt(String(token));
      this.#maySend = null;
      if (this.isPrivate && !await this.#may("receive")) {
        throw new JoinRefused(this.#refusal("read", true));
      }
    } catch (error) {
      if (!(error instanceof JoinRefused)) throw error;
      return this.#end(error.message);
    }
    this.#watchExpiry();
    const isUnchanged = role === this.caller.role;
    if (!isUnchanged) this.#reportChanges(await this.#follow());
  }

  #watchExpiry(): void {
    clearTimeout(this.#expiry);
    const left = this.caller.expiresAt - Date.now();
    if (left === Infinity) return;
    // A timer cannot wait for longer than 24 days.
    this.#expiry = setTimeout(() => {
      if (this.caller.expiresAt > Date.now()) return this.#watchExpiry();
      this.#end("Token has expired 0 seconds ago");
    }, Math.min(Math.max(left, 0), 86_400_000));
  }

  #end(message: string): void {
    this.#system("system", "error", message);
    this.close();
  }

  /** Subscribes to changes as the caller. @returns why there are none; null when there are. */
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
    if (!parsed.success || !await this.#maySendNow()) return;
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
    if (isTracked && this.isPrivate && !await this.#may("send", "presence")) {
      return this.reply(ref, { reason: this.#refusal("write") }, "error");
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

  async #maySendNow(): Promise<boolean> {
    return this.#maySend ??= !this.isPrivate || await this.#may("send");
  }

  async #may(use: "receive" | "send", extension: "broadcast" | "presence" = "broadcast") {
    const allowed = await this.#server.policies.whoMay(use, this.name, extension, [this.caller]);
    return allowed.has(this.caller);
  }

  #refusal(what: "read" | "write", isLost = false): string {
    const [verb, preposition] = what === "read" ? ["read", "from"] : ["write", "to"];
    return isLost
      ? `You no longer have permission to ${verb} ${preposition} this Channel topic: ${this.name}`
      : `Unauthorized: You do not have permissions to ${verb} ${preposition} this Channel topic: ${this.name}`;
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
