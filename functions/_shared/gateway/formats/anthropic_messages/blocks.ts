/*
 * Converts between content blocks of Anthropic's messages and content parts of OpenAI's. Fields
 * that OpenAI's format lacks are kept in the field `anthropic` of a part, and a block without a
 * counterpart is kept as a part of its own type, so that a stored conversation loses nothing. Both
 * are sent only to vendors that speak Anthropic's format.
 */

/** A block of one of Anthropic's messages, or a part of one of OpenAI's. */
export type Piece = Record<string, unknown> & { type: string };

/** The field that marks a cache breakpoint in the prompt, on any block. */
const CACHE_MARK = "cache_control";

/**
 * Converts a content block to a part. Calls, tool results and reasoning are converted elsewhere.
 */
export function partOf(block: Piece): Piece {
  const { type, ...rest } = block;
  if (type === "text") {
    const { text, ...others } = rest;
    return { type, text, ...extension(others) };
  }
  const source = objectIn(rest, "source");
  const { source: _source, ...others } = rest;
  if (type === "image") {
    const url = source.type === "base64" ? dataUrl(source) : source.url;
    return source.type === "file" || typeof url !== "string"
      ? { type: "anthropic", block }
      : { type: "image_url", image_url: { url }, ...extension(others) };
  }
  if (type === "document" && source.type === "base64") {
    const filename = typeof others.title === "string" && others.title || "document.pdf";
    return { type: "file", file: { file_data: dataUrl(source), filename }, ...extension(others) };
  }
  if (type === "document" && source.type === "text") {
    const { data, type: _text, ...about } = source;
    return { type: "text", text: data, anthropic: { ...others, document: about } };
  }
  return { type: "anthropic", block };
}

function extension(others: Record<string, unknown>): { anthropic?: object } {
  const given = Object.entries(others).filter(([, value]) => value !== undefined && value !== null);
  return given.length > 0 ? { anthropic: Object.fromEntries(given) } : {};
}

/** Converts a part to a block; null for a part without an equivalent in Anthropic's format. */
export function blockOf(part: Piece): Piece | null {
  const { document, ...others } = objectIn(part, "anthropic");
  const mark = part[CACHE_MARK] ?? others[CACHE_MARK];
  const rest = { ...others, ...isObject(mark) && { [CACHE_MARK]: mark } };
  switch (part.type) {
    case "text":
    case "input_text":
    case "output_text":
      if (!isObject(document)) return { type: "text", text: part.text, ...rest };
      return { type: "document", source: { ...document, type: "text", data: part.text }, ...rest };
    case "refusal":
      return { type: "text", text: part.refusal };
    case "image_url":
      return imageBlock(part.image_url, rest);
    case "file":
      return documentBlock(objectIn(part, "file"), rest);
    case "anthropic":
      return isPiece(part.block) ? part.block : null;
    default:
      return null;
  }
}

function imageBlock(image: unknown, rest: object): Piece | null {
  const url = isObject(image) ? image.url : image;
  if (typeof url !== "string") return null;
  return { type: "image", source: base64Source(url) ?? { type: "url", url }, ...rest };
}

function documentBlock(
  { file_data, file_id, filename }: Record<string, unknown>,
  rest: Record<string, unknown>,
): Piece | null {
  const title = rest.title === undefined && typeof filename === "string" &&
      filename !== "document.pdf"
    ? { title: filename }
    : {};
  const source = typeof file_data === "string"
    ? base64Source(file_data)
    : typeof file_id === "string"
    ? { type: "file", file_id }
    : null;
  return source && { type: "document", source, ...title, ...rest };
}

function dataUrl({ media_type, data }: Record<string, unknown>): string {
  return `data:${media_type};base64,${data}`;
}

function base64Source(url: string): Piece | null {
  // The data may be megabytes, which would be slow to match with a regular expression.
  const comma = url.indexOf(",");
  const media_type = url.slice(0, Math.max(comma, 0)).match(/^data:([^;,]+)(?:;[^;,]+)*;base64$/i)
    ?.[1];
  return media_type ? { type: "base64", media_type, data: url.slice(comma + 1) } : null;
}

/** The text of a block, for models that do not support its type; null if it has no text. */
export function textOfBlock(block: unknown): string | null {
  if (!isObject(block)) return null;
  const own = typeof block.text === "string" ? [block.text] : [];
  const title = typeof block.title === "string" ? [block.title] : [];
  const within = ["content", "source"].flatMap((field) => {
    const value = block[field];
    if (typeof value === "string") return field === "content" ? [value] : [];
    const blocks = Array.isArray(value) ? value : [value];
    return blocks.map(textOfBlock).filter((text) => text !== null);
  });
  const texts = [...title, ...own, ...within];
  return own.length + within.length > 0 ? texts.join("\n") : null;
}

/** Whether a value is an object and not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is a block or a part. */
export function isPiece(value: unknown): value is Piece {
  return isObject(value) && typeof value.type === "string";
}

/** The object in a field; an empty object if the field does not hold one. */
export function objectIn(value: object, field: string): Record<string, unknown> {
  const child: unknown = Reflect.get(value, field);
  return isObject(child) ? child : {};
}
