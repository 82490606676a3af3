import { invalidField } from "../../http/parse_body.ts";
import type { Turn } from "../turn_database.ts";

/** Readers of PDFs accept bytes before the header, within the first kilobyte. */
const HEAD_BYTES = 1024;

/**
 * Refuses a document that is sent as a PDF but is not one: a vendor would charge for it, or refuse
 * it with a less helpful error.
 *
 * @param messages The messages of a request, in OpenAI's chat format.
 * @throws {ApiError} 400 `invalid_value`.
 */
export function checkDocuments(messages: Turn["messages"]): void {
  for (const { content } of messages) {
    if (Array.isArray(content)) content.forEach(checkPart);
  }
}

function checkPart(part: unknown): void {
  const { type, file } = Object(part);
  const data: unknown = type === "file" ? Object(file).file_data : null;
  if (typeof data !== "string") return;
  const [prefix] = data.match(/^data:application\/pdf[^,]{0,100};base64,/i) ?? [];
  if (prefix === undefined || headOf(data, prefix.length).includes("%PDF-")) return;
  throw invalidField(
    "messages",
    "invalid_value",
    "a document of the type application/pdf is no PDF. Send the bytes of a PDF, encoded as base64",
  );
}

/** Decodes the first bytes of base64, as Latin-1; empty for invalid base64. */
function headOf(data: string, start: number): string {
  const head = data.slice(start, start + Math.ceil(HEAD_BYTES / 3) * 4);
  try {
    return atob(head.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return "";
  }
}
