import { invalidField } from "../../../http/parse_body.ts";

/** A content part: of an item in this format, or of a message in OpenAI's chat format. */
export type Part = Record<string, unknown> & { type: string };

/** Whether a value is a part. */
export function isPart(value: unknown): value is Part {
  return typeof value === "object" && value !== null &&
    typeof Reflect.get(value, "type") === "string";
}

const TEXTS: ReadonlySet<string> = new Set(["input_text", "output_text", "text"]);

/**
 * Converts content to OpenAI's chat format. A single text becomes a string, the form that is
 * stored.
 *
 * @param path Its path in the request, for errors.
 * @throws {ApiError} 400 for a part without an equivalent in chat.
 */
export function chatContent(content: string | readonly Part[], path: string): string | Part[] {
  if (typeof content === "string") return content;
  const parts = content.map((part, at) => chatPart(part, `${path}[${at}]`));
  const [only] = parts;
  return parts.length === 1 && only?.type === "text" ? String(only.text) : parts;
}

function chatPart(part: Part, path: string): Part {
  if (TEXTS.has(part.type)) return { type: "text", text: String(part.text ?? "") };
  if (part.type === "refusal") return { type: "refusal", refusal: String(part.refusal ?? "") };
  if (typeof part.file_id === "string") {
    const reason = "files by id are not supported. Send image_url, or file_data with a filename";
    throw invalidField(`${path}.file_id`, "content_not_supported", reason);
  }
  if (part.type === "input_image" && typeof part.image_url === "string") {
    const { image_url: url, detail } = part;
    return {
      type: "image_url",
      image_url: {
        url,
        ...typeof detail === "string" && { detail: detail === "original" ? "high" : detail },
      },
    };
  }
  if (part.type === "input_file" && typeof part.file_data === "string") {
    const { file_data, filename } = part;
    return { type: "file", file: { file_data, ...typeof filename === "string" && { filename } } };
  }
  if (part.type === "input_audio" && typeof part.input_audio === "object") {
    return { type: "input_audio", input_audio: part.input_audio };
  }
  throw invalidField(
    path,
    "content_not_supported",
    `a part of type "${part.type.slice(0, 50)}" cannot be sent to the model in this form. ` +
      "Send input_text, input_image with an image_url, or input_file with file_data",
  );
}

/** Converts the content of a chat message to the parts of an item. */
export function itemContent(content: unknown, role: string): Part[] {
  const text = role === "assistant" ? outputText : inputText;
  if (typeof content === "string") return [text(content)];
  if (!Array.isArray(content)) return [];
  return content.filter(isPart).map((part) => {
    const image = objectIn(part, "image_url");
    const file = objectIn(part, "file");
    if (part.type === "text") return text(String(part.text ?? ""));
    if (part.type === "image_url") {
      const { url, detail } = image;
      return {
        type: "input_image",
        image_url: url ?? part.image_url,
        detail: detail ?? "auto",
      };
    }
    return part.type === "file" ? { type: "input_file", ...file } : part;
  });
}

function inputText(text: string): Part {
  return { type: "input_text", text };
}

/** Text written by a model, as a part. */
export function outputText(text: string): Part {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

/** The object in a field; an empty object if the field does not hold one. */
export function objectIn(value: object, field: string): Record<string, unknown> {
  const child: unknown = Reflect.get(value, field);
  return typeof child === "object" && child !== null && !Array.isArray(child)
    ? Object.fromEntries(Object.entries(child))
    : {};
}
