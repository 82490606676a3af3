import { z } from "zod";
import type { CacheEntry } from "../cache.ts";
import { compressText, decompressText } from "./gzip.ts";
import { parseCached } from "../cache_value.ts";
import type { SharedRedis } from "../client.ts";
import { redisKey } from "../key.ts";

const messagesSchema = z.array(z.looseObject({ role: z.string() }));

/** The latest messages of a session, oldest first, in OpenAI's shape. */
export type CachedMessages = z.infer<typeof messagesSchema>;

/** What moves whenever a session's messages do: columns of `chat_sessions`. */
export interface SessionVersion {
  message_count: number;
  /** ISO 8601. */
  last_activity_at: string;
}

/** The cache `chat:session:{id}:messages` by a session's public id, compressed, 1 hour. */
export interface MessageCache {
  /**
   * The latest messages. Who may see them is asked of the database first, whose row also tells the
   * version: messages of any other are null, as are those that are not there.
   */
  read(sessionId: string, version: SessionVersion): Promise<CachedMessages | null>;
  /** What to store of a session; what is too large for the cache deletes the entry. */
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
      // In front of the rest, so that what is of another time is not decompressed.
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

/** The moment as a number, for its text differs with who wrote it. */
function nameOf({ message_count, last_activity_at }: SessionVersion): string {
  return `${message_count}@${Date.parse(last_activity_at)}`;
}
