import { z } from "zod";
import type { CacheEntry } from "../cache.ts";
import { compressText, decompressText } from "./gzip.ts";
import { parseCached } from "../cache_value.ts";
import type { SharedRedis } from "../client.ts";
import { redisKey } from "../key.ts";

const messagesSchema = z.array(z.looseObject({ role: z.string() }));

/** The latest messages of a session, oldest first, in OpenAI's shape. */
export type CachedMessages = z.infer<typeof messagesSchema>;

/** The version of a session's messages: columns of `chat_sessions` that change with them. */
export interface SessionVersion {
  message_count: number;
  /** ISO 8601. */
  last_activity_at: string;
}

/** The cache `chat:session:{id}:messages` by a session's public id, compressed, 1 hour. */
export interface MessageCache {
  /**
   * The latest messages. Read the session's row from the database first: it decides who may see
   * them and has their version. Null for another version, or if there are none.
   */
  read(sessionId: string, version: SessionVersion): Promise<CachedMessages | null>;
  /** The entry of a session; messages that are too large for the cache delete it. */
  entry(
    sessionId: string,
    version: SessionVersion,
    messages: CachedMessages,
  ): Promise<CacheEntry>;
}

const hour = 60 * 60_000;

/** Messages that are kept of a session. */
const maxMessages = 100;

/** Bytes of their JSON. */
const maxBytes = 512 * 1024;

/** Makes the cache of messages. */
export function createMessageCache(redis: SharedRedis | null): MessageCache {
  const keyOf = (sessionId: string) => redisKey("chat", "session", sessionId, "messages");
  return {
    async read(sessionId, version) {
      const found = await redis?.attempt(async (client) => client.get(await keyOf(sessionId)));
      const cached = typeof found?.value === "string" ? found.value : "";
      // The version comes first, so that outdated messages are not decompressed.
      const [name, compressed] = cached.split(" ", 2);
      if (name !== nameOf(version) || compressed === undefined) return null;
      const text = await decompressText(compressed, maxBytes).catch(() => null);
      return parseCached(messagesSchema, text);
    },
    async entry(sessionId, version, messages) {
      const key = await keyOf(sessionId);
      const text = JSON.stringify(messages.slice(-maxMessages));
      if (new TextEncoder().encode(text).length > maxBytes) {
        return { key, value: null, lifetime: 0 };
      }
      const value = `${nameOf(version)} ${compressText(text)}`;
      return { key, value, lifetime: hour };
    },
  };
}

/** Times are compared as numbers, since their texts have different formats. */
function nameOf({ message_count, last_activity_at }: SessionVersion): string {
  return `${message_count}@${Date.parse(last_activity_at)}`;
}
