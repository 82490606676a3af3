import { ApiError } from "./errors.ts";
import { fieldPath } from "./field_path.ts";

/** Deeper JSON than this is an attack on whoever walks it next, ourselves included. */
const MAX_DEPTH = 100;

/**
 * Reads a JSON object from the body of a request.
 *
 * @param maxBytes Bytes that the body may have, counted as they arrive.
 * @throws {ApiError} 413 for a larger body; 400 for a body that is not a JSON object, nests too deep
 * or holds text that Postgres cannot store.
 */
export async function readJson(request: Request, maxBytes: number): Promise<object> {
  const text = decode(await readBytes(request, maxBytes));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError(
      400,
      "invalid_json",
      "Cannot parse the request body: it is not valid JSON. Send one JSON object, encoded as UTF-8.",
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ApiError(
      400,
      "invalid_json",
      "Cannot read the request body: it is not a JSON object. Send one JSON object.",
    );
  }
  assertStorable(value, []);
  return value;
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new ApiError(
      413,
      "request_too_large",
      `Cannot accept the request body: it is larger than ${maxBytes} bytes. Send less at once.`,
    );
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();

  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request.body ?? []) {
    length += part.byteLength;
    if (length > maxBytes) throw tooLarge();
    parts.push(part);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ApiError(
      400,
      "invalid_json",
      "Cannot read the request body: it is not valid UTF-8. Send JSON encoded as UTF-8.",
    );
  }
}

/** Refuses here what Postgres would refuse later with a less helpful error. */
function assertStorable(value: unknown, path: (string | number)[]): void {
  if (path.length > MAX_DEPTH) {
    throw new ApiError(
      400,
      "invalid_json",
      `Cannot read the request body: it nests deeper than ${MAX_DEPTH} levels. Send a flatter object.`,
    );
  }
  if (typeof value === "string") assertStorableText(value, path);
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    assertStorableText(key, path);
    assertStorable(child, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

function assertStorableText(text: string, path: (string | number)[]): void {
  const nul = text.includes("\0");
  if (!nul && text.isWellFormed()) return;
  const param = fieldPath(path);
  throw new ApiError(
    400,
    "invalid_value",
    `Cannot store "${param}": it contains ${
      nul ? "the character U+0000" : "half of a surrogate pair"
    }. Remove that character.`,
    { param },
  );
}
