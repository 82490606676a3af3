import { z } from "zod";
import { parseUpstreamJson } from "../../call/upstream_json.ts";
import { isErrorEvent, isForeign } from "../../quirks/heartbeats.ts";
import { parseLenient } from "../../quirks/loose_json.ts";
import { errorReported } from "../../quirks/reported_errors.ts";
import { eventsIn, isStream } from "../../quirks/unasked_streams.ts";
import type { SseEvent } from "../../respond/stream/sse_event.ts";
import { assistantMessage, rankOf } from "./assistant.ts";
import { isObject, isPiece, objectIn, type Piece } from "./blocks.ts";
import { finishReasonOf } from "./stop_reasons.ts";

const messageSchema = z.looseObject({
  id: z.string().nullish(),
  model: z.string().nullish(),
  content: z.array(z.unknown()).transform((blocks) => blocks.filter(isPiece)),
  stop_reason: z.string().nullish(),
  stop_sequence: z.string().nullish(),
  stop_details: z.unknown().optional(),
  usage: z.unknown().optional(),
});

const count = z.int().nonnegative().nullish().catch(0).transform((value) => value ?? 0);

const usageSchema = z.looseObject({
  input_tokens: z.int().nonnegative(),
  output_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
  cache_creation: z.looseObject({}).nullish().catch(null),
  output_tokens_details: z.looseObject({ thinking_tokens: count }).nullish().catch(null)
    .transform((details) => ({ thinking_tokens: details?.thinking_tokens ?? 0 })),
});

/** The status that each of Anthropic's errors would have had before the answer began. */
const STATUSES: ReadonlyMap<unknown, number> = new Map([
  ["invalid_request_error", 400],
  ["authentication_error", 401],
  ["billing_error", 402],
  ["permission_error", 403],
  ["not_found_error", 404],
  ["request_too_large", 413],
  ["rate_limit_error", 429],
  ["api_error", 500],
  ["timeout_error", 504],
  ["overloaded_error", 529],
]);

/**
 * Reads a message of Anthropic's API as a completion of OpenAI's chat. What is no message goes on as it
 * is, for there are others who say what it is.
 */
export function completionText(text: string): string {
  let json: unknown;
  try {
    json = parseLenient(text);
  } catch {
    return isStream(text) ? streamText(text) : text;
  }
  const parsed = messageSchema.safeParse(json);
  if (!parsed.success) return isObject(json) && json.error ? errorText(json) : text;
  const { id, model, content, usage } = parsed.data;
  const message = assistantMessage(content);
  const parts = Array.isArray(message.content) ? message.content : [];
  return JSON.stringify({
    id,
    model,
    choices: [{
      index: 0,
      message: {
        ...message,
        content: parts.some(isText) ? parts.filter(isText).map(({ text }) => text).join("") : null,
        ...thoughtOf(content),
        ...content.some(isUnusual) && { anthropic: { content } },
      },
      ...endOf(parsed.data),
    }],
    usage: chatUsage(usage),
  });
}

/** A stream that was not asked for as one of chunks, which is put together elsewhere. */
function streamText(text: string): string {
  return eventsIn(text).flatMap(createChunkEvents()).map(({ event, data }) =>
    `event: ${event}\ndata: ${data}\n\n`
  ).join("");
}

/** Errors name their kind, where those of other vendors have a status. */
function errorText(json: Record<string, unknown>): string {
  return JSON.stringify({ ...json, error: errorIn(json) });
}

function errorIn(json: object): object {
  const error = objectIn(json, "error");
  return { ...error, code: STATUSES.get(error.type) ?? 500 };
}

const isText = ({ type }: Piece) => type === "text";

/** A block for which a completion has no field, or whose place it cannot tell. */
function isUnusual(block: Piece, at: number, blocks: Piece[]): boolean {
  const before = blocks[at - 1];
  const isKnown = ["thinking", "redacted_thinking", "text", "tool_use"].includes(block.type);
  const isSecondText = block.type === "text" && before?.type === "text";
  return !isKnown || isSecondText || Boolean(block.citations) ||
    (before !== undefined && rankOf(block) < rankOf(before));
}

function thoughtOf(content: readonly Piece[]): object {
  const text = content.map(({ type, thinking }) => type === "thinking" ? thinking : "").join("");
  return text === "" ? {} : { reasoning_content: text };
}

/** Why an answer ended, in both formats. */
function endOf({ stop_reason, stop_sequence, stop_details }: Record<string, unknown>): object {
  return {
    finish_reason: finishReasonOf(stop_reason),
    anthropic: { stop_reason, stop_sequence, stop_details },
  };
}

/** Usage as OpenAI writes it, in which the input includes what was cached. */
function chatUsage(usage: unknown): unknown {
  const parsed = usageSchema.safeParse(usage);
  if (!parsed.success) return usage;
  const { input_tokens, output_tokens, ...rest } = parsed.data;
  const { cache_read_input_tokens: cached_tokens, cache_creation_input_tokens: written } = rest;
  const prompt_tokens = input_tokens + cached_tokens + written;
  return {
    prompt_tokens,
    completion_tokens: output_tokens,
    total_tokens: prompt_tokens + output_tokens,
    prompt_tokens_details: { cached_tokens, cache_write_tokens: written },
    completion_tokens_details: { reasoning_tokens: rest.output_tokens_details.thinking_tokens },
    ...rest.cache_creation && { cache_creation: rest.cache_creation },
    ...typeof rest.service_tier === "string" && { service_tier: rest.service_tier },
  };
}

/** Translates the events of one answer of Anthropic's API into chunks of OpenAI's chat. */
export function createChunkEvents(): (event: SseEvent) => SseEvent[] {
  let about: object = {};
  let usage: Record<string, unknown> = {};
  let calls = -1;
  /** The open block, with what a tool of Anthropic's own is called with. */
  let open: { block: Piece; input: string } | null = null;

  const chunk = (delta: object | null, rest: object = {}, choice: object = {}): SseEvent[] => [{
    event: "message",
    data: JSON.stringify({
      ...about,
      choices: delta ? [{ index: 0, delta, finish_reason: null, ...choice }] : [],
      ...rest,
    }),
  }];
  const detail = (index: unknown, fields: object) => ({
    reasoning_details: [{ format: "anthropic-claude-v1", index, ...fields }],
  });
  const call = (fields: object) => chunk({ tool_calls: [{ index: calls, ...fields }] });

  /** Begins a block; one before it that was not ended is. */
  function begin(index: unknown, block: Piece): SseEvent[] {
    const before = finish();
    open = { block, input: "" };
    return [...before, ...pieceOf(index, block)];
  }

  function pieceOf(index: unknown, block: Piece): SseEvent[] {
    switch (block.type) {
      case "text":
        return block.text ? chunk({ content: block.text }) : [];
      case "thinking":
        return block.thinking ? think(index, block.thinking) : [];
      case "redacted_thinking":
        return chunk(detail(index, { type: "reasoning.encrypted", data: block.data }));
      case "tool_use":
        calls++;
        return call({
          id: block.id,
          type: "function",
          function: { name: block.name, arguments: "" },
        });
      // A block that does not say what it is.
      case "":
        return [];
      default:
        return block.type.endsWith("tool_use") ? [] : chunk({ anthropic: { block } });
    }
  }

  const think = (index: unknown, text: unknown) =>
    chunk({
      reasoning_content: text,
      ...detail(index, { type: "reasoning.text", text }),
    });

  function go(index: unknown, delta: Record<string, unknown>): SseEvent[] {
    switch (delta.type) {
      case "text_delta":
        return chunk({ content: delta.text });
      case "thinking_delta":
        return think(index, delta.thinking);
      case "signature_delta":
        return chunk(detail(index, { type: "reasoning.text", signature: delta.signature }));
      case "citations_delta":
        return chunk({ anthropic: { citation: delta.citation } });
      case "input_json_delta":
        if (open) open.input += String(delta.partial_json ?? "");
        return open?.block.type === "tool_use"
          ? call({ function: { arguments: delta.partial_json } })
          : [];
      case undefined:
      case null:
        return typeof delta.text === "string" ? chunk({ content: delta.text }) : [];
      default:
        return [];
    }
  }

  function finish(): SseEvent[] {
    if (!open) return [];
    const { block, input } = open;
    open = null;
    if (block.type === "tool_use") {
      const given = JSON.stringify(block.input ?? {});
      return input === "" ? call({ function: { arguments: given } }) : [];
    }
    if (!block.type.endsWith("tool_use")) return [];
    return chunk({ anthropic: { block: { ...block, input: parsedOr(input, block.input) } } });
  }

  return ({ event, data }) => {
    if (isForeign({ event, data })) return [{ event, data }];
    const json = parseUpstreamJson(data, "event");
    const index: unknown = Reflect.get(json, "index");
    const message = objectIn(json, "message");
    switch (Reflect.get(json, "type") ?? event) {
      case "message_start":
        about = { id: message.id, model: message.model };
        usage = objectIn(message, "usage");
        return chunk({ role: "assistant" }, { usage: chatUsage(usage) });
      case "content_block_start":
        return begin(index, blockIn(json));
      case "content_block_delta":
        return go(index, objectIn(json, "delta"));
      case "content_block_stop":
        return finish();
      case "message_delta": {
        const said = Object.entries(objectIn(json, "usage")).filter(([, value]) => value !== null);
        usage = { ...usage, ...Object.fromEntries(said) };
        const end = chunk({}, { usage: chatUsage(usage) }, endOf(objectIn(json, "delta")));
        return [...finish(), ...end];
      }
      case "message_stop":
        return [{ event: "message", data: "[DONE]" }];
      case "error":
        return [{ event: "error", data: JSON.stringify({ error: errorIn(json) }) }];
      default:
        // An answer in one piece comes as a completion, and errors of proxies in forms of their own.
        return "choices" in json || isErrorEvent(event) || errorReported(json)
          ? [{ event, data }]
          : [];
    }
  };
}

function blockIn(json: object): Piece {
  const block = objectIn(json, "content_block");
  return isPiece(block) ? block : { type: "" };
}

function parsedOr(text: string, usual: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return usual;
  }
}
