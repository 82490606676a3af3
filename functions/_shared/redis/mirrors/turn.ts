import { z } from "zod";
import { createEntryBatch } from "../cache.ts";
import { agentHealthSchema, createAgentHealthCache } from "./agent_health.ts";
import { type CachedMessages, createMessageCache } from "./messages.ts";
import { cachedSessionSchema, createSessionCache } from "./session.ts";
import type { SharedRedis } from "../client.ts";

/**
 * The data for the caches that settle_chat_turn returns, if its outcome has `"mirror": true`. An
 * invalid value is ignored: a cache must not fail a turn.
 */
export const turnMirrorSchema = z.object({
  /** The session after the turn; null if there is none, or another turn has changed it since. */
  session: cachedSessionSchema.extend({
    message_count: z.int(),
    last_activity_at: z.iso.datetime({ offset: true }),
  }).nullish().catch(null),
  /** The agents that the turn called. */
  agents: z.array(agentHealthSchema).nullish().catch(null),
});

/** The data of a turn for the caches. */
export type TurnMirror = z.infer<typeof turnMirrorSchema>;

/** A settled turn. */
export interface SettledTurn {
  /** Public id of its session; null when it has none. */
  sessionId: string | null;
  /** The input of the model. */
  messages: CachedMessages;
  /** Its answer; null if the turn failed. */
  answer: CachedMessages[number] | null;
  mirror: TurnMirror;
}

/** Writes the changes of a turn to Redis. The database remains authoritative. */
export interface TurnCache {
  /** Writes in the background, batched with other turns. Never rejects. */
  write(turn: SettledTurn): Promise<void>;
}

/**
 * @param now Milliseconds since the epoch.
 * @param shutdown Aborts when the worker is about to be stopped: nothing waits for other turns
 * then.
 */
export function createTurnCache(
  redis: SharedRedis | null,
  now: () => number,
  shutdown: AbortSignal,
): TurnCache {
  const store = createEntryBatch(redis, shutdown);
  const sessions = createSessionCache(redis);
  const conversations = createMessageCache(redis);
  const agents = createAgentHealthCache(redis, now);
  return {
    async write({ sessionId, messages, answer, mirror }) {
      if (redis === null) return;
      const entries = (mirror.agents ?? []).map(agents.entries);
      const { session } = mirror;
      if (sessionId !== null && session) {
        const { message_count, last_activity_at, ...about } = session;
        const version = { message_count, last_activity_at };
        entries.push(Promise.all([
          sessions.entry(sessionId, about),
          ...answer === null
            ? []
            : [conversations.entry(sessionId, version, [...messages.filter(isSaid), answer])],
        ]));
      }
      await store((await Promise.all(entries)).flat());
    },
  };
}

/** Instructions belong to the agent, not to the conversation. */
function isSaid({ role }: { role: string }): boolean {
  return role !== "system" && role !== "developer";
}
