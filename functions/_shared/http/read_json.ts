import { bytePieces } from "../core/byte_pieces.ts";
import { ApiError } from "../core/errors.ts";
import { fieldPath } from "../core/field_path.ts";
import { structureLength } from "./json_structure.ts";

/** Deeper JSON would overflow the stack of recursive code. */
const MAX_DEPTH = 100;

/**
 * Legitimate large bodies consist of long strings. Millions of small values would fill the memory
 * of a worker.
 */
const MAX_STRUCTURE = 1024 * 1024;

/**
 * Reads a JSON object from the body of a request.
 *
 * @param maxBytes Bytes that the body may have, counted as they arrive.
 * @param arrived Called with the number of bytes that have arrived; may throw.
 * @param maxStructure Characters that it may have outside its strings.
 * @throws {ApiError} 413 for a larger body, and for one of too many values; 400 for a body that is
 * not a JSON object, nests too deep or holds text that Postgres cannot store.
 */
export async function readJson(
  request: Request,
  maxBytes: number,
  arrived: (bytes: number) => void = () => {},
  maxStructure = MAX_STRUCTURE,
): Promise<object> {
  const text = await readText(request, maxBytes, arrived);
  if (structureLength(text, maxStructure) > maxStructure) {
    throw tooLarge(`it has more than ${maxStructure} characters outside its strings`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError(
      "invalid_json",
      "Cannot parse the request body: it is not valid JSON. Send one JSON object, encoded as UTF-8.",
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ApiError(
      "invalid_json",
      "Cannot read the request body: it is not a JSON object. Send one JSON object.",
    );
  }
  assertStorable(value, []);
  return value;
}

/** Reads a body of at most `maxBytes` as text. */
export async function readText(
  request: Request,
  maxBytes: number,
  arrived: (bytes: number) => void = () => {},
): Promise<string> {
  const encoding = request.headers.get("content-encoding");
  return await readBytes(request, maxBytes, (bytes) => decode(bytes, encoding), arrived);
}

/**
 * Reads a body of at most `maxBytes`. A large body is collected in one buffer that is freed
 * immediately, not by garbage collection, so that its bytes and the parsed value are not held at
 * the same time.
 *
 * @param take Converts the bytes, which are freed afterwards.
 * @throws {ApiError} 413 for a larger body, 499 for one that breaks off.
 */
export async function readBytes<Value>(
  request: Request,
  maxBytes: number,
  take: (bytes: Uint8Array<ArrayBuffer>) => Value | Promise<Value>,
  arrived: (bytes: number) => void = () => {},
): Promise<Value> {
  const why = `it is larger than the limit of ${maxBytes} bytes`;
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBytes) throw tooLarge(why);

  let buffer = new ArrayBuffer(declared);
  let length = 0;
  try {
    for await (const bytes of piecesOf(request)) {
      const end = length + bytes.byteLength;
      if (end > maxBytes) throw tooLarge(why);
      arrived(end);
      if (end > buffer.byteLength) buffer = buffer.transfer(Math.max(2 * length, end));
      new Uint8Array(buffer).set(bytes, length);
      length = end;
    }
    return await take(new Uint8Array(buffer, 0, length));
  } finally {
    buffer.transfer(0);
  }
}

/** The bytes of a body as they arrive. A client that disconnects early is not a server error. */
async function* piecesOf({ body }: Request): AsyncGenerator<Uint8Array, void, void> {
  try {
    if (body) yield* bytePieces(body);
  } catch (cause) {
    throw new ApiError(
      "client_disconnected",
      "Cannot read the request body: the connection ended before the body did.",
      { cause },
    );
  }
}

function tooLarge(why: string): ApiError {
  return new ApiError(
    "request_too_large",
    `Cannot accept the request body: ${why}. Send a smaller request.`,
  );
}

function decode(bytes: Uint8Array, encoding: string | null): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ApiError(
      "invalid_json",
      encoding === null || /^\s*(identity)?\s*$/i.test(encoding)
        ? "Cannot read the request body: it is not valid UTF-8. Send JSON encoded as UTF-8."
        : "Cannot read the request body: it is compressed. Send it without content-encoding.",
    );
  }
}

/** Refuses text that Postgres would refuse later with a less helpful error. */
export function assertStorable(value: unknown, path: (string | number)[]): void {
  if (path.length > MAX_DEPTH) {
    throw new ApiError(
      "invalid_json",
      `Cannot read the request body: it nests deeper than ${MAX_DEPTH} levels. Send a less deeply nested object.`,
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
    "invalid_value",
    `Cannot store "${param}": it contains ${
      nul ? "the character U+0000" : "half of a surrogate pair"
    }. Remove that character.`,
    { param },
  );
}
