import { z } from "zod";
import type { TurnUsage } from "../../settle/outcome.ts";
import { type ResponseEvent, ResponseEvents } from "./events.ts";
import { type ResponseFrame, responseObject } from "./response.ts";
import { bodySchema } from "./schema.ts";
import { takeMessage } from "./stream.ts";
import { responsesUsage } from "./usage.ts";

const usageSchema: z.ZodType<TurnUsage> = z.object({
  input_tokens: z.int(),
  output_tokens: z.int(),
  cached_input_tokens: z.int(),
  cache_write_tokens: z.int(),
  reasoning_tokens: z.int(),
  estimated: z.boolean(),
});

/** A response as the database has it. */
export const storedResponseSchema = z.object({
  turn_id: z.uuid(),
  created_at: z.int(),
  asked: bodySchema,
  is_cancelled: z.boolean(),
  state: z.enum(["running", "succeeded", "partial", "failed"]),
  model: z.string(),
  vendor_id: z.string(),
  finish_reason: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string().nullable() }).nullable(),
  usage: usageSchema.nullable(),
  ended_at: z.int().nullable(),
  message: z.looseObject({ role: z.string() }).nullable(),
});

/** A response as the database has it. */
export type StoredResponse = z.infer<typeof storedResponseSchema>;

const continuationSchema = z.object({ message: z.looseObject({}) });

/** A response that was restored from storage, with its events. */
export interface RestoredResponse {
  /** Whether the response has ended. */
  hasEnded: boolean;
  response: object;
  events: ResponseEvent[];
}

/** Restores a response from storage. */
export function restoreResponse(stored: StoredResponse): RestoredResponse {
  const frame = storedFrame(stored);
  const status = stored.is_cancelled ? "cancelled" : "in_progress";
  if (stored.is_cancelled || stored.state === "running") {
    return {
      hasEnded: stored.is_cancelled,
      response: responseObject(frame, { status, output: [] }),
      events: [],
    };
  }
  const made = new ResponseEvents(frame);
  const kept = continuationSchema.safeParse(stored.message?.continuation).data?.message;
  const { continuation: _kept, ...said } = { ...kept, ...stored.message };
  const usage = responsesUsage(stored.usage);
  const events = [...made.begin(), ...takeMessage(made, said)];
  events.push(
    ...stored.state === "succeeded"
      ? made.end({
        finishReason: stored.finish_reason,
        usage,
        continuation: kept ?? null,
        completedAt: stored.ended_at ?? stored.created_at,
      })
      : made.fail({
        code: "server_error",
        type: "server_error",
        message: stored.error?.message ?? "The response ended without an answer.",
        reason: stored.error?.code ?? "internal_error",
      }, usage),
  );
  return { hasEnded: true, response: made.response(), events };
}

function storedFrame(
  { turn_id, created_at, model, vendor_id, asked }: StoredResponse,
): ResponseFrame {
  return { turnId: turn_id, created: created_at, model, vendor: vendor_id, asked };
}
