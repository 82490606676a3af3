/*
 * The content of an answer as a list of parts: Mistral's thinking models answer with parts of type
 * text and thinking, with citations of type reference in between (vercel/ai#8072, 15 August 2025;
 * langchain4j#4474, 26 January 2026), others with output_text or refusal, as in OpenAI's Responses
 * API. Images are moved to the field `images`, as OpenRouter sends them (its guide "Image
 * generation", 21 November 2026). Some proxies nest lists of parts, or put the text of a part into
 * its `content`.
 */

/** How deep lists of parts may be nested. */
const MAX_DEPTH = 4;

/** The parsed content of a message. */
export interface Content {
  /** The text; null for none. */
  text: string | null;
  /** The model's reasoning; empty if the answer has none. */
  thoughts: string;
  refusal: string;
  images: object[];
}

/**
 * Reads the content of a message or of a piece of one: text, or parts. Parts of other types are
 * left out.
 *
 * @returns null for any other value, such as a number, whose meaning is unknown.
 */
export function readContent(value: unknown): Content | null {
  if (value === null || value === undefined) return none();
  if (typeof value === "string") return { ...none(), text: value };
  if (typeof value !== "object") return null;
  // Gateways written in Lua serialize an empty list as an empty object.
  if (!Array.isArray(value) && Object.keys(value).length === 0) return none();
  const parts: unknown[] = Array.isArray(value) ? value.flat(MAX_DEPTH) : [value];
  if (!Array.isArray(value) && textOf(value) === null) return null;
  const content = none();
  for (const part of parts) addPart(content, part);
  const isUnread = content.text === null && content.refusal + content.thoughts === "" &&
    content.images.length === 0;
  // An answer in an unknown form must not be taken for an empty one.
  return isUnread && parts.some(saysUnread) ? null : content;
}

/** Whether an unread part may contain text: it has no type, or a type of text and is not empty. */
function saysUnread(part: unknown): boolean {
  if (part === null || part === undefined) return false;
  const { type, text, content, ...others }: Record<string, unknown> = Object(part);
  if (typeof part !== "object" || type === undefined) {
    return typeof part !== "object" || Object.keys(others).length > 0 || (text ?? content) != null;
  }
  return isTextType(type) && (text ?? content) != null;
}

function isTextType(type: unknown): boolean {
  return type === undefined || type === "text" || type === "output_text";
}

function none(): Content {
  return { text: null, thoughts: "", refusal: "", images: [] };
}

function addPart(content: Content, part: unknown): void {
  const type = typeof part === "object" && part !== null ? Reflect.get(part, "type") : undefined;
  if (type === "thinking" || type === "reasoning" || type === "reasoning_text") {
    content.thoughts += thoughtsOf(part);
  } else if (type === "refusal") content.refusal += fieldOf(part, "refusal");
  else if (type === "image_url" && typeof part === "object" && part) content.images.push(part);
  else if (isTextType(type)) {
    const text = textOf(part);
    if (text !== null) content.text = (content.text ?? "") + text;
  }
}

/** The text of a part: a string, or a string within an object. */
function textOf(part: unknown): string | null {
  if (typeof part === "string") return part;
  if (typeof part !== "object" || part === null) return null;
  const text: unknown = Reflect.get(part, "text") ?? Reflect.get(part, "content");
  if (typeof text === "string") return text;
  const value: unknown = typeof text === "object" && text !== null && Reflect.get(text, "value");
  return typeof value === "string" ? value : null;
}

/** The reasoning of a part, as text or as a list of parts, in any of the known fields. */
function thoughtsOf(part: unknown): string {
  if (typeof part !== "object" || part === null) return "";
  const fields = ["thinking", "reasoning", "text", "summary"].map((name) => {
    const value: unknown = Reflect.get(part, name);
    return Array.isArray(value) ? value.map((one) => textOf(one) ?? "").join("") : textOf(value);
  });
  return fields.find((text) => text) ?? "";
}

function fieldOf(part: unknown, name: string): string {
  const value: unknown = typeof part === "object" && part !== null && Reflect.get(part, name);
  return typeof value === "string" ? value : "";
}
