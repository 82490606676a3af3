import { z } from "zod";
import { parseBody } from "../../../http/parse_body.ts";
import { count } from "../../../http/sql_values.ts";

/** A name; longer ones are a mistake or an attack. */
const shortText = z.string().min(1).max(255);

/** Blocks of Anthropic's hosted tools, which are passed on unchanged. */
const SERVER_BLOCKS = [
  "search_result",
  "server_tool_use",
  "web_search_tool_result",
  "web_fetch_tool_result",
  "code_execution_tool_result",
  "bash_code_execution_tool_result",
  "text_editor_code_execution_tool_result",
  "tool_search_tool_result",
  "tool_reference",
  "mcp_tool_use",
  "mcp_tool_result",
  "container_upload",
  "compaction",
] as const;

const cache_control = z.looseObject({ type: z.string() }).nullish();

const text = z.looseObject({ type: z.literal("text"), text: z.string(), cache_control });

const base64 = z.looseObject({
  type: z.literal("base64"),
  media_type: z.string().min(1).max(255),
  data: z.string(),
});
const url = z.looseObject({ type: z.literal("url"), url: z.string() });
const file = z.looseObject({ type: z.literal("file"), file_id: z.string() });

const image = z.looseObject({
  type: z.literal("image"),
  source: z.discriminatedUnion("type", [base64, url, file]),
  cache_control,
});

const document = z.looseObject({
  type: z.literal("document"),
  source: z.discriminatedUnion("type", [
    base64,
    url,
    file,
    z.looseObject({ type: z.literal("text"), data: z.string() }),
    z.looseObject({
      type: z.literal("content"),
      content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]),
    }),
  ]),
  title: z.string().nullish(),
  context: z.string().nullish(),
  cache_control,
});

const toolUse = z.looseObject({
  type: z.literal("tool_use"),
  id: z.string().min(1),
  name: z.string().min(1),
  input: z.looseObject({}),
  cache_control,
});

const serverBlock = z.looseObject({ type: z.enum(SERVER_BLOCKS), cache_control });

const toolResult = z.looseObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string().min(1),
  content: z.union([
    z.string(),
    z.array(z.discriminatedUnion("type", [text, image, document, serverBlock])),
  ], { error: "expected a string or an array of content blocks" }).nullish(),
  is_error: z.boolean().nullish(),
  cache_control,
});

const thinking = z.looseObject({
  type: z.literal("thinking"),
  thinking: z.string(),
  signature: z.string().nullish(),
});

const redacted = z.looseObject({ type: z.literal("redacted_thinking"), data: z.string() });

/** Any block of a message. */
const blockSchema = z.discriminatedUnion("type", [
  text,
  image,
  document,
  toolUse,
  toolResult,
  thinking,
  redacted,
  serverBlock,
]);

/** The result of a tool call. */
export type ToolResult = z.infer<typeof toolResult>;

const content = z.union([z.string().min(1), z.array(blockSchema).min(1)], {
  error: "expected a non-empty string or a non-empty array of content blocks",
});

const message = z.looseObject({
  role: z.enum(["user", "assistant", "system"], {
    error: "expected one of user, assistant, system",
  }),
  content,
});

/** A message as Anthropic's clients send it. */
export type Message = z.infer<typeof message>;

const system = z.union([z.string(), z.array(text)], {
  error: "expected a string or an array of text blocks",
});

const tool = z.looseObject({
  type: z.string().nullish(),
  // Absent only for a set of tools, such as those of an MCP server.
  name: z.string().min(1).max(255).nullish(),
  description: z.string().nullish(),
  input_schema: z.looseObject({}).nullish(),
  cache_control,
});

/** A tool that the model may use. */
export type Tool = z.infer<typeof tool>;

const parallel = { disable_parallel_tool_use: z.boolean().nullish() };
const toolChoice = z.discriminatedUnion("type", [
  z.looseObject({ type: z.enum(["auto", "any"]), ...parallel }),
  z.looseObject({ type: z.literal("none") }),
  z.looseObject({ type: z.literal("tool"), name: z.string().min(1), ...parallel }),
], { error: "expected one of auto, any, tool, none" });

/** The fields that determine the prompt. */
const prompt = {
  model: shortText,
  messages: z.array(message).min(1, "expected at least one message").max(2048),
  system: system.nullish(),
  tools: z.array(tool).max(1024).nullish(),
  tool_choice: toolChoice.nullish(),
  thinking: z.looseObject({ type: z.string(), budget_tokens: count.nullish() }).nullish(),
  output_config: z.looseObject({
    effort: z.string().nullish(),
    format: z.looseObject({ type: z.string(), schema: z.looseObject({}).nullish() }).nullish(),
  }).nullish(),
};

/** The body of POST /messages/count_tokens. */
export const countSchema = z.looseObject(prompt);

/**
 * The body of POST /messages. Fields that are not listed reach Anthropic with a key of the caller's
 * own.
 */
export const bodySchema = z.looseObject({
  ...prompt,
  max_tokens: count,
  stream: z.boolean().nullish(),
  temperature: z.number().min(0).max(1).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().nonnegative().nullish(),
  stop_sequences: z.array(z.string()).nullish(),
  metadata: z.looseObject({ user_id: z.string().max(1024).nullish() }).nullish(),
  service_tier: z.string().nullish(),
  store: z.boolean().nullish().describe("false keeps no text of the conversation."),
});

/** A validated body. */
export type MessagesBody = z.infer<typeof bodySchema>;

/**
 * Validates a request.
 *
 * @throws {ApiError} 400 that names the field at fault in `param`.
 */
export function parseMessagesBody(json: object): MessagesBody {
  return parseBody(bodySchema, json);
}

/** Validates a request to count tokens; throws like {@linkcode parseMessagesBody}. */
export function parsePromptBody(json: object): MessagesBody {
  // Validated like a request for an answer; only `max_tokens` may be absent.
  return parseBody(bodySchema, { ...json, max_tokens: Reflect.get(json, "max_tokens") ?? 1 });
}
