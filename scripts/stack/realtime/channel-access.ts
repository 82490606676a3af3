import { type Caller, isNoToken, TokenRefused } from "./callers.ts";
import { JoinRefused } from "./join-request.ts";
import type { Extension } from "./policies.ts";
import type { Server } from "./server.ts";

/** A timer cannot wait for longer than 24 days. */
const longestTimer = 86_400_000;

/** As whom a channel is used, until when, and what the policies allow there. */
export class ChannelAccess {
  caller: Caller;
  readonly #server: Server;
  readonly #name: string;
  readonly #isPrivate: boolean;
  #token: string | null = null;
  #expiry: ReturnType<typeof setTimeout> | undefined;
  /** Whether the policies let the caller send; null before they were asked. */
  #maySend: boolean | null = null;

  /** @param caller Who holds the key of the connection. */
  constructor(server: Server, name: string, isPrivate: boolean, caller: Caller) {
    this.#server = server;
    this.#name = name;
    this.#isPrivate = isPrivate;
    this.caller = caller;
  }

  /**
   * Verifies that the caller may join, with the token of the join if it has one.
   *
   * @throws {JoinRefused}
   */
  async open(token: string | null): Promise<void> {
    if (!isNoToken(token)) await this.#adopt(token ?? "");
    const late = Date.now() - this.caller.expiresAt;
    if (late >= 0) throw new JoinRefused(`Token has expired ${Math.ceil(late / 1000)} seconds ago`);
    if (this.#isPrivate && !await this.#may("receive", "broadcast")) {
      throw new JoinRefused(this.refusal("read"));
    }
  }

  /** Whether a token that the client sends is another than the one in use. */
  isNew(token: unknown): token is string {
    return !isNoToken(token) && token !== this.#token;
  }

  /**
   * Continues with another token.
   *
   * @throws {JoinRefused} if it is not valid, or its caller may not join.
   */
  async renew(token: string): Promise<void> {
    await this.#adopt(token);
    this.#maySend = null;
    if (this.#isPrivate && !await this.#may("receive", "broadcast")) {
      throw new JoinRefused(
        `You no longer have permission to read from this Channel topic: ${this.#name}`,
      );
    }
  }

  /** Calls a function when the token in use expires. */
  watchExpiry(onExpired: () => void): void {
    clearTimeout(this.#expiry);
    const left = this.caller.expiresAt - Date.now();
    if (left === Infinity) return;
    this.#expiry = setTimeout(() => {
      if (this.caller.expiresAt > Date.now()) this.watchExpiry(onExpired);
      else onExpired();
    }, Math.min(Math.max(left, 0), longestTimer));
  }

  stopWatching(): void {
    clearTimeout(this.#expiry);
  }

  /** Whether the caller may broadcast; the policies are asked once for each token. */
  async maySend(): Promise<boolean> {
    return this.#maySend ??= !this.#isPrivate || await this.#may("send", "broadcast");
  }

  /** Whether the caller may say that it is present. */
  async mayTrack(): Promise<boolean> {
    return !this.#isPrivate || await this.#may("send", "presence");
  }

  /** What a client is told that may not read, or not write. */
  refusal(what: "read" | "write"): string {
    const use = what === "read" ? "read from" : "write to";
    return `Unauthorized: You do not have permissions to ${use} this Channel topic: ${this.#name}`;
  }

  async #adopt(token: string): Promise<void> {
    try {
      this.caller = await this.#server.callers.ofToken(token);
      this.#token = token;
    } catch (error) {
      throw error instanceof TokenRefused ? new JoinRefused(error.message) : error;
    }
  }

  async #may(use: "receive" | "send", extension: Extension): Promise<boolean> {
    const allowed = await this.#server.policies.whoMay(use, this.#name, extension, [this.caller]);
    return allowed.has(this.caller);
  }
}
