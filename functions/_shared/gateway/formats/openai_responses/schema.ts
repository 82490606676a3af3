import { z } from "zod";
import { invalidField, parseBody } from "../../../http/parse_body.ts";
import { count, plain } from "../../../http/sql_values.ts";

/** A name; longer ones are a mistake or an attack. */
const shortText = z.string().min(1).max(255);

/** The id of a call. Some vendors keep what they need for the next turn in it. */
const callId = plain.min(1).max(16_384);

const part = z.looseObject({ type: z.string() });
const content = z.union([z.string(), z.array(part)], {
  error: "expected a string or an array of content parts",
});

const message = z.looseObject({
  type: z.literal("message"),
  id: z.string().nullish(),
  role: z.enum(["user", "assistant", "system", "developer"]),
  content,
});
const functionCall = z.looseObject({
  type: z.literal("function_call"),
  id: z.string().nullish(),
  call_id: callId,
  name: shortText,
  namespace: shortText.nullish(),
  arguments: z.string(),
});
const customCall = z.looseObject({
  type: z.literal("custom_tool_call"),
  id: z.string().nullish(),
  call_id: callId,
  name: shortText,
  namespace: shortText.nullish(),
  input: z.string(),
});
const callOutput = z.looseObject({
  type: z.enum(["function_call_output", "custom_tool_call_output"]),
  id: z.string().nullish(),
  call_id: callId,
  output: content,
});
const reasoning = z.looseObject({
  type: z.literal("reasoning"),
  id: z.string().nullish(),
  summary: z.array(z.looseObject({ text: z.string().nullish() })).nullish(),
  content: z.array(z.looseObject({ text: z.string().nullish() })).nullish(),
  encrypted_content: z.string().nullish(),
});
const reference = z.looseObject({ type: z.literal("item_reference"), id: shortText });

/** Clients omit the type of messages, and of references, which consist of an id only. */
const item = z.preprocess(
  withType,
  z.discriminatedUnion("type", [
    message,
    functionCall,
    customCall,
    callOutput,
    reasoning,
    reference,
  ]),
);
const items = z.array(item).max(2048);

function withType(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const { type, ...rest }: Record<string, unknown> = { ...value };
  if (type !== undefined && type !== null) return value;
  if ("role" in rest) return { ...rest, type: "message" };
  return "id" in rest ? { ...rest, type: "item_reference" } : value;
}

const tool = z.looseObject({ type: z.string(), name: z.string().nullish() });

/** The body of POST /responses. Fields that are not listed are ignored, as SDKs add new ones. */
export const bodySchema = z.looseObject({
  input: z.union([z.string(), items], {
    error: "expected a string or an array of items",
  }).nullish(),
  model: shortText.nullish(),
  instructions: z.string().nullish(),
  previous_response_id: shortText.nullish(),
  conversation: z.null({
    error: "conversations are not supported. Use previous_response_id, or send the whole input",
  }).optional(),
  prompt: z.null({ error: "stored prompts are not supported. Send instructions and input" })
    .optional(),
  store: z.boolean().nullish(),
  background: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  include: z.array(z.string().max(255)).max(32).nullish(),
  tools: z.array(tool).max(1024).nullish(),
  tool_choice: z.union([z.string(), z.looseObject({ type: z.string() })], {
    error: "expected a string or an object with a type",
  }).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  max_output_tokens: count.nullish(),
  max_tool_calls: count.nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  text: z.looseObject({
    format: z.looseObject({ type: z.enum(["text", "json_object", "json_schema"]) }).nullish(),
    verbosity: z.string().max(32).nullish(),
  }).nullish(),
  reasoning: z.looseObject({
    effort: z.string().max(32).nullish(),
    summary: z.string().max(32).nullish(),
  }).nullish(),
  truncation: z.enum(["auto", "disabled"]).nullish(),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
  service_tier: z.string().max(32).nullish(),
  prompt_cache_key: z.string().max(512).nullish(),
  safety_identifier: z.string().max(128).nullish(),
  user: z.string().max(255).nullish(),
});

/** A validated body. */
export type ResponsesBody = z.infer<typeof bodySchema>;

/** One item of an input. */
export type InputItem = z.infer<typeof item>;

/** A tool that a request offers. */
export type ResponsesTool = z.infer<typeof tool>;

/** Keys and values of metadata. */
const MOST_METADATA = 16;

/**
 * Validates a body.
 *
 * @throws {ApiError} 400 that names the field at fault in `param`.
 */
export function parseResponsesBody(json: object): ResponsesBody {
  const input: unknown = Reflect.get(json, "input");
  if (Array.isArray(input)) {
    input.forEach(assertKnownType);
    // Validated separately for a precise error: within the union, it would not name the item at
    // fault.
    parseBody(z.object({ input: items }), { input });
  }
  const body = parseBody(bodySchema, json);
  if (body.input == null && body.previous_response_id == null) {
    throw invalidField("input", "missing_required_parameter", "it is required");
  }
  if (Object.keys(body.metadata ?? {}).length > MOST_METADATA) {
    throw invalidField("metadata", "invalid_value", `it has more than ${MOST_METADATA} keys`);
  }
  if (body.background && body.store === false) {
    throw invalidField("background", "invalid_value", 'it needs "store": true');
  }
  return body;
}

const TYPES: ReadonlySet<unknown> = new Set([
  "message",
  "function_call",
  "custom_tool_call",
  "function_call_output",
  "custom_tool_call_output",
  "reasoning",
  "item_reference",
]);

function assertKnownType(value: unknown, at: number): void {
  const type: unknown = typeof value === "object" && value ? Reflect.get(value, "type") : null;
  if (type === null || type === undefined || TYPES.has(type)) return;
  throw invalidField(
    `input[${at}]`,
    "invalid_value",
    `items of type "${String(type).slice(0, 50)}" are not supported here. Send messages, ` +
      "function_call, custom_tool_call, their outputs, reasoning and item_reference",
  );
}
