import { z } from "zod";
import { type Cache, createCache } from "../cache.ts";
import type { SharedRedis } from "../client.ts";

/** The part of `chat_sessions` that rarely changes. */
export const cachedSessionSchema = z.object({
  user_id: z.uuid().nullable(),
  org_id: z.uuid(),
  agent_id: z.uuid().nullable(),
  model_id: z.uuid().nullable(),
  metadata: z.record(z.string(), z.json()),
});

/** The cached part of a session. */
export type CachedSession = z.infer<typeof cachedSessionSchema>;

const day = 24 * 60 * 60_000;

/**
 * The cache `session:{id}` by a session's public id, 24 hours. It never decides who may see a
 * session; the database does.
 */
export function createSessionCache(redis: SharedRedis | null): Cache<CachedSession> {
  return createCache({
    redis,
    key: (id) => ["session", id],
    schema: cachedSessionSchema,
    lifetime: () => day,
  });
}
