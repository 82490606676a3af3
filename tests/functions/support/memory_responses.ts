import type { ResponsesDatabase } from "../../../functions/responses/db.ts";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { storedResponseSchema } from "../../../functions/_shared/gateway/formats/openai_responses/stored.ts";
import type { MemoryDatabase } from "./memory_database.ts";

/** Responses as the database stores them, in memory and for a single caller. */
export function memoryResponses({ turns }: MemoryDatabase): ResponsesDatabase {
  const cancelled = new Set<string>();
  const deleted = new Set<string>();
  const kept = new Map<string, { type: string; sequence_number: number }[]>();

  function find(turnId: string) {
    const stored = turns.find(({ turn }) => turn.turn_id === turnId);
    if (!stored?.request.response || deleted.has(turnId)) {
      throw new ApiError("response_not_found", "Response not found.");
    }
    const [outcome] = stored.outcomes;
    const { content = null, tool_calls = null, usage = null } = outcome ?? {};
    return storedResponseSchema.parse({
      ...stored.request.response,
      turn_id: turnId,
      is_cancelled: cancelled.has(turnId),
      state: outcome?.state ?? "running",
      model: stored.turn.model,
      vendor_id: "openrouter",
      finish_reason: outcome?.finish_reason ?? null,
      error: outcome?.error ?? null,
      usage,
      ended_at: outcome ? 1 : null,
      message: outcome && outcome.state !== "failed"
        ? { role: "assistant", content, ...tool_calls && { tool_calls } }
        : null,
    });
  }

  return {
    find: (_caller, turnId) => Promise.try(() => find(turnId)),
    delete: (_caller, turnId) =>
      Promise.try(() => {
        find(turnId);
        deleted.add(turnId);
        return true;
      }),
    cancel: (_caller, turnId) =>
      Promise.try(() => {
        if (find(turnId).state === "running") cancelled.add(turnId);
        return find(turnId);
      }),
    input: (_caller, turnId) =>
      Promise.try(() => ({
        asked: find(turnId).asked,
        messages: turns.filter(({ turn }) => turn.turn_id === turnId)
          .flatMap(({ request }) => request.messages)
          .map((message) => ({ id: crypto.randomUUID(), message })),
      })),
    items: (_caller, ids) =>
      Promise.resolve(
        turns.filter(({ turn }) => ids.includes(turn.turn_id)).map(({ turn, outcomes }) => ({
          id: turn.turn_id,
          message: {
            role: "assistant",
            content: outcomes[0]?.content,
            tool_calls: outcomes[0]?.tool_calls ?? undefined,
          },
        })),
      ),
    append(turnId, first, events) {
      const before = kept.get(turnId) ?? [];
      if (before.length !== first) throw new Error(`Cannot keep event ${first}`);
      // SAFETY: the stored events are those that were sent.
      kept.set(turnId, [...before, ...events as typeof before]);
      return Promise.resolve(!cancelled.has(turnId));
    },
    events: (_caller, turnId, after) =>
      Promise.try(() => ({
        events: (kept.get(turnId) ?? []).filter((event) => event.sequence_number > after),
        is_kept: kept.has(turnId),
        response: find(turnId),
      })),
  };
}
