import { parseJson } from "../../../core/json.ts";
import { ApiError } from "../../../core/errors.ts";
import type { ChatMessage } from "../anthropic_messages/assistant.ts";
import { isObject, isPiece, objectIn } from "../anthropic_messages/blocks.ts";

/** A part of a message in Gemini's format. */
export type GeminiPart = Record<string, unknown>;

/** A message in Gemini's format. Tool results have the role `user`. */
export interface Content {
  role: "user" | "model";
  parts: GeminiPart[];
}

/** Returns the field `id` of a call, or no field if the vendor does not accept ids. */
type IdOf = (id: unknown) => { id?: string };

/** A conversation in Gemini's format. */
export interface Contents {
  systemInstruction?: { parts: GeminiPart[] };
  contents: Content[];
}

/**
 * Converts a conversation from OpenAI's chat format to Gemini's. Instructions are separate, and
 * tool results belong to the user.
 *
 * @param withIds Whether calls and results keep their ids.
 * @throws {ApiError} 400 `content_not_supported` for content that Gemini's API does not support.
 */
export function contentsOf(messages: readonly ChatMessage[], withIds: boolean): Contents {
  const idOf = (id: unknown) => withIds && typeof id === "string" && id !== "" ? { id } : {};
  const instructions: GeminiPart[] = [];
  const contents: Content[] = [];
  const names = new Map<unknown, string>();
  for (const message of messages) {
    const { role } = message;
    if (role === "system" || role === "developer") instructions.push(...partsOf(message.content));
    else if (role === "assistant") add(contents, "model", modelParts(message, names, idOf));
    else if (role === "tool") add(contents, "user", [resultPart(message, names, idOf)]);
    else add(contents, "user", partsOf(message.content));
  }
  return {
    ...instructions.length > 0 && { systemInstruction: { parts: instructions } },
    contents,
  };
}

/** Adds parts to a message. Gemini requires alternating roles and refuses empty messages. */
function add(contents: Content[], role: Content["role"], parts: GeminiPart[]): void {
  const last = contents.at(-1);
  if (parts.length === 0) return;
  if (last?.role === role) last.parts.push(...parts);
  else contents.push({ role, parts });
}

/** Converts a message of the model: its text and calls, with their thought signatures. */
function modelParts(
  message: ChatMessage,
  names: Map<unknown, string>,
  idOf: IdOf,
): GeminiPart[] {
  const said = partsOf(message.content);
  const signature = signatureIn(message);
  // The signature of an answer without calls belongs to its last part, or to an empty part after
  // it.
  const last = said.at(-1);
  if (last && signature) Object.assign(last, signature);
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls.filter(isObject) : [];
  return [
    ...said,
    ...calls.map((call) => {
      const { name, arguments: given } = objectIn(call, "function");
      names.set(call.id, String(name));
      return {
        functionCall: { ...idOf(call.id), name, args: objectOf(given) },
        ...signatureIn(call),
      };
    }),
  ];
}

/** The thought signature, in the field that Gemini's OpenAI-compatible API uses for it. */
function signatureIn(fields: object): { thoughtSignature?: unknown } {
  const google = objectIn(objectIn(fields, "extra_content"), "google");
  return typeof google.thought_signature === "string"
    ? { thoughtSignature: google.thought_signature }
    : {};
}

function resultPart(
  message: ChatMessage,
  names: ReadonlyMap<unknown, string>,
  idOf: IdOf,
): GeminiPart {
  const text = partsOf(message.content).map(({ text }) => text ?? "").join("");
  const name = names.get(message.tool_call_id) ?? String(message.name ?? "unknown");
  return {
    functionResponse: { ...idOf(message.tool_call_id), name, response: resultOf(text) },
  };
}

/** Gemini accepts only objects as results, so other values are wrapped in one. */
function resultOf(text: string): object {
  const parsed = parseJson(text);
  return isObject(parsed) ? parsed : { result: parsed ?? text };
}

function objectOf(text: unknown): object {
  const parsed = parseJson(String(text ?? ""));
  return isObject(parsed) ? parsed : {};
}

function partsOf(content: unknown): GeminiPart[] {
  if (typeof content === "string") return content === "" ? [] : [{ text: content }];
  return Array.isArray(content) ? content.map(partOf).filter(({ text }) => text !== "") : [];
}

function partOf(part: unknown): GeminiPart {
  if (isPiece(part)) {
    if (part.type === "text") return { text: part.text };
    if (part.type === "refusal") return { text: part.refusal };
    if (part.type === "input_audio") {
      const { data, format } = objectIn(part, "input_audio");
      return { inlineData: { mimeType: `audio/${String(format)}`, data } };
    }
    const inline = inlineData(
      part.type === "image_url" ? addressOf(part.image_url) : objectIn(part, "file").file_data,
    );
    if (inline) return { inlineData: inline };
  }
  const type = isObject(part) ? String(part.type).slice(0, 50) : typeof part;
  throw new ApiError(
    "content_not_supported",
    `Cannot send a part of type "${type}" to this model's vendor: its API does not accept URLs. Send text, or images, documents and recordings as data (data:image/png;base64,…), or choose another model.`,
    { param: "messages" },
  );
}

function addressOf(image: unknown): unknown {
  return isObject(image) ? image.url : image;
}

function inlineData(url: unknown): { mimeType: string; data: string } | null {
  const [, mimeType, data] = /^data:([\w.+-]+\/[\w.+-]+);base64,(.*)$/s.exec(String(url)) ?? [];
  return mimeType && data !== undefined ? { mimeType, data } : null;
}
