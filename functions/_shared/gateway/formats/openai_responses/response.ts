import { idOf } from "./ids.ts";
import type { ResponsesBody } from "./schema.ts";

/** The fields of a response that are the same from its first event to its stored form. */
export interface ResponseFrame {
  turnId: string;
  /** Seconds since the epoch. */
  created: number;
  /** The name under which the caller knows the model. */
  model: string;
  /** The vendor that answers, to which `encrypted_content` is bound. */
  vendor: string;
  asked: Echo;
}

/** The status of a response. */
export type ResponseStatus =
  | "queued"
  | "in_progress"
  | "completed"
  | "incomplete"
  | "failed"
  | "cancelled";

/** The fields of a request that its response repeats: all but the input. */
export type Echo = ResponsesBody;

/** The fields of a response that change while it is generated. */
export interface ResponseState {
  status: ResponseStatus;
  output: readonly object[];
  usage?: object | null;
  error?: object | null;
  incomplete_details?: { reason: string } | null;
  completed_at?: number | null;
}

const ECHOED = [
  "background",
  "include",
  "instructions",
  "max_output_tokens",
  "max_tool_calls",
  "metadata",
  "parallel_tool_calls",
  "previous_response_id",
  "prompt_cache_key",
  "reasoning",
  "safety_identifier",
  "service_tier",
  "store",
  "temperature",
  "text",
  "tool_choice",
  "tools",
  "top_logprobs",
  "top_p",
  "truncation",
  "user",
] as const;

/** Selects the fields of a request that its response repeats. */
export function echoOf(body: ResponsesBody): Echo {
  const given = ECHOED.map((field) => [field, body[field]] as const)
    .filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(given);
}

/** Writes a response as OpenAI does. Every field is present, for strict clients. */
export function responseObject(
  { turnId, created, model, asked }: ResponseFrame,
  state: ResponseState,
) {
  return {
    id: idOf("resp", turnId),
    object: "response",
    created_at: created,
    completed_at: state.completed_at ?? null,
    status: state.status,
    background: asked.background ?? false,
    conversation: null,
    error: state.error ?? null,
    incomplete_details: state.incomplete_details ?? null,
    instructions: asked.instructions ?? null,
    max_output_tokens: asked.max_output_tokens ?? null,
    max_tool_calls: asked.max_tool_calls ?? null,
    metadata: asked.metadata ?? {},
    model,
    output: state.output,
    parallel_tool_calls: asked.parallel_tool_calls ?? true,
    previous_response_id: asked.previous_response_id ?? null,
    prompt_cache_key: asked.prompt_cache_key ?? null,
    reasoning: {
      effort: asked.reasoning?.effort ?? null,
      summary: asked.reasoning?.summary ?? null,
    },
    safety_identifier: asked.safety_identifier ?? null,
    service_tier: asked.service_tier ?? "default",
    store: asked.store ?? true,
    temperature: asked.temperature ?? null,
    text: { ...asked.text, format: asked.text?.format ?? { type: "text" } },
    tool_choice: asked.tool_choice ?? "auto",
    tools: asked.tools ?? [],
    top_logprobs: asked.top_logprobs ?? 0,
    top_p: asked.top_p ?? null,
    truncation: asked.truncation ?? "disabled",
    usage: state.usage ?? null,
    user: asked.user ?? null,
  };
}
