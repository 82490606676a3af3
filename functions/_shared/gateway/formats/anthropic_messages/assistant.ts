import { reasoningText } from "../../quirks/reasoning_fields.ts";
import { blockOf, isObject, isPiece, objectIn, partOf, type Piece } from "./blocks.ts";

/** The `format` of reasoning that is signed by Anthropic, as OpenRouter names it. */
const SIGNED = "anthropic-claude-v1";

/** A message of OpenAI's. */
export type ChatMessage = Record<string, unknown> & { role: string };

/** The call of a tool, in a message of OpenAI's. */
export interface ToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
  anthropic?: object;
}

/** The parts of an answer. */
export interface AssistantPieces {
  /** The reasoning, in the form of OpenRouter's `reasoning_details`. */
  details: Piece[];
  /** Unsigned reasoning, as text. */
  reasoning: string;
  parts: Piece[];
  calls: ToolCall[];
}

/** Splits an answer from Anthropic into the parts for which OpenAI's format has fields. */
export function piecesOf(blocks: readonly Piece[]): AssistantPieces {
  const pieces: AssistantPieces = { details: [], reasoning: "", parts: [], calls: [] };
  // The usual order is reasoning, text, calls. In any other order, positions are recorded.
  const ranks = blocks.map(rankOf);
  const isUsual = ranks.every((rank, at) => rank >= (ranks[at - 1] ?? rank));
  blocks.forEach((block, at) => {
    const place = isUsual ? {} : { at };
    if (block.type === "thinking" && !block.signature) {
      pieces.reasoning += block.thinking;
    } else if (block.type === "thinking") {
      const { thinking: text, signature } = block;
      pieces.details.push({ type: "reasoning.text", text, signature, format: SIGNED, ...place });
    } else if (block.type === "redacted_thinking") {
      const { data } = block;
      pieces.details.push({ type: "reasoning.encrypted", data, format: SIGNED, ...place });
    } else if (block.type === "tool_use") {
      pieces.calls.push(callOf(block, place));
    } else {
      pieces.parts.push(partOf(block));
    }
  });
  return pieces;
}

/** The usual position of a block in an answer: thinking, then text, then tool calls. */
export function rankOf({ type }: Piece): number {
  if (type === "thinking" || type === "redacted_thinking") return 0;
  return type === "tool_use" ? 2 : 1;
}

function callOf({ type: _type, id, name, input, ...rest }: Piece, place: object): ToolCall {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null);
  const extension = { ...Object.fromEntries(given), ...place };
  return {
    id: String(id),
    type: "function",
    function: { name: String(name), arguments: JSON.stringify(input ?? {}) },
    ...Object.keys(extension).length > 0 && { anthropic: extension },
  };
}

/** Converts the blocks of an answer to a message in OpenAI's format. */
export function assistantMessage(content: string | readonly Piece[]): ChatMessage {
  if (typeof content === "string") return { role: "assistant", content };
  const { details, reasoning, parts, calls } = piecesOf(content);
  return {
    role: "assistant",
    content: parts.length > 0 ? parts : null,
    ...reasoning !== "" && { reasoning_content: reasoning },
    ...details.length > 0 && { reasoning_details: details },
    ...calls.length > 0 && { tool_calls: calls },
  };
}

/**
 * Converts an answer in OpenAI's format to blocks.
 *
 * @param unsigned Whether to include reasoning that Anthropic has not signed: clients may see it,
 * but Anthropic's API refuses it.
 */
export function assistantBlocks(message: ChatMessage, unsigned: boolean): Piece[] {
  const details = listIn(message, "reasoning_details").map(thoughtIn)
    .filter((thought) => thought !== null);
  const text = details.length === 0 && unsigned ? reasoningText(message) : "";
  const thoughts = text === ""
    ? details
    : [{ block: { type: "thinking", thinking: text, signature: "" }, at: undefined }];
  const calls = listIn(message, "tool_calls").map(useIn).filter((use) => use !== null);
  const placed = [...thoughts, ...calls]
    .flatMap(({ block, at }) => at === undefined ? [] : [{ block, at }]);
  const unplaced = [
    ...thoughts.filter(({ at }) => at === undefined).map(({ block }) => block),
    ...contentBlocks(message),
    ...calls.filter(({ at }) => at === undefined).map(({ block }) => block),
  ];
  const blocks = [...unplaced];
  for (const { block, at } of placed.sort((a, b) => a.at - b.at)) blocks.splice(at, 0, block);
  return blocks;
}

/** Converts the content of a message in OpenAI's format to blocks, without the empty ones. */
export function contentBlocks({ content, refusal }: ChatMessage): Piece[] {
  const said = content ?? refusal;
  if (typeof said === "string") return said === "" ? [] : [{ type: "text", text: said }];
  if (!Array.isArray(said)) return [];
  return said.filter(isPiece).map(blockOf)
    .filter((block) => block !== null)
    .filter(({ type, text }) => type !== "text" || text !== "");
}

/** A block, with its position if it is out of the usual order. */
interface Placed {
  block: Piece;
  at: number | undefined;
}

function thoughtIn(detail: unknown): Placed | null {
  if (!isObject(detail) || detail.format !== SIGNED) return null;
  const at = placeIn(detail);
  if (detail.type === "reasoning.encrypted" && typeof detail.data === "string") {
    return { block: { type: "redacted_thinking", data: detail.data }, at };
  }
  const { text, signature } = detail;
  if (typeof signature !== "string" || signature === "") return null;
  return { block: { type: "thinking", thinking: text ?? "", signature }, at };
}

function useIn(call: unknown): Placed | null {
  if (!isObject(call)) return null;
  const { at: _at, ...rest } = objectIn(call, "anthropic");
  const called = isObject(call.function) ? call.function : objectIn(call, "custom");
  const block = {
    type: "tool_use",
    id: String(call.id ?? ""),
    name: String(called.name ?? ""),
    input: inputOf(called),
    ...rest,
  };
  return { block, at: placeIn(objectIn(call, "anthropic")) };
}

/** The arguments of a call as an object, the form that Anthropic uses. */
function inputOf({ arguments: text, input }: Record<string, unknown>): object {
  if (typeof input === "string") return { input };
  if (typeof text !== "string" || text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : { arguments: value };
  } catch {
    return { arguments: text };
  }
}

function placeIn({ at }: Record<string, unknown>): number | undefined {
  return typeof at === "number" && Number.isInteger(at) && at >= 0 ? at : undefined;
}

function listIn(message: object, field: string): unknown[] {
  const list: unknown = Reflect.get(message, field);
  return Array.isArray(list) ? list : [];
}
