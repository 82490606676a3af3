/*
 * The content of an answer as a list of parts: Mistral's thinking models answer with parts of type text
 * and thinking, with citations of type reference in between (vercel/ai#8072, 15 August 2025;
 * langchain4j#4474, 26 January 2026), others with output_text or refusal, as in OpenAI's Responses API.
 * Images go where OpenRouter puts them, in `images` (its guide "Image generation", 21 November 2026).
 * Proxies that wrap parts again nest lists, or have the text of a part in its `content`.
 */

/** How deep lists of parts may be nested. */
const MAX_DEPTH = 4;

/** What the content of a message comes to. */
export interface Content {
  /** The text; null where there is none. */
  text: string | null;
  /** The model's reasoning; empty if the answer has none. */
  thoughts: string;
  refusal: string;
  images: object[];
}

/**
 * Reads the content of a message or of a piece of one: text, or parts. Parts of other types are left
 * out.
 *
 * @returns null for a value that is neither, such as a number: what it says is not known.
 */
export function readContent(value: unknown): Content | null {
  if (value === null || value === undefined) return none();
  if (typeof value === "string") return { ...none(), text: value };
  if (typeof value !== "object") return null;
  // An empty list becomes an object where a gateway in Lua writes it again.
  if (!Array.isArray(value) && Object.keys(value).length === 0) return none();
  const parts: unknown[] = Array.isArray(value) ? value.flat(MAX_DEPTH) : [value];
  if (!Array.isArray(value) && textOf(value) === null) return null;
  const content = none();
  for (const part of parts) addPart(content, part);
  const isUnread = content.text === null && content.refusal + content.thoughts === "" &&
    content.images.length === 0;
  // An answer in a form that is not known must not pass for an empty one.
  return isUnread && parts.some(saysUnread) ? null : content;
}

/** Whether a part that was not read may be text: it has no type, or that of text without being empty. */
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

/** Of a part, a text itself, or text within an object. */
function textOf(part: unknown): string | null {
  if (typeof part === "string") return part;
  if (typeof part !== "object" || part === null) return null;
  const text: unknown = Reflect.get(part, "text") ?? Reflect.get(part, "content");
  if (typeof text === "string") return text;
  const value: unknown = typeof text === "object" && text !== null && Reflect.get(text, "value");
  return typeof value === "string" ? value : null;
}

/** Text, or parts of it, in one of the fields that are used. */
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
