import { sha256Hex } from "../core/hash.ts";

/**
 * A file of a form. Its bytes are not an own property, so that they are neither logged nor stored.
 */
export class Upload {
  /** The file's name, as the client gave it. */
  readonly name: string;
  /** The content type, as the client gave it; may be empty. */
  readonly type: string;
  /** SHA-256 in lower-case hexadecimal, which distinguishes files with the same name. */
  readonly sha256: string;
  readonly #bytes: Uint8Array<ArrayBuffer>;

  constructor(file: Pick<File, "name" | "type">, bytes: Uint8Array<ArrayBuffer>, sha256: string) {
    this.name = file.name;
    this.type = file.type;
    this.sha256 = sha256;
    this.#bytes = bytes;
  }

  /** The content. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Reads a file of a form. */
  static async from(file: File): Promise<Upload> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    return new Upload(file, bytes, await sha256Hex(bytes));
  }
}

/**
 * The body of a request: the bytes of a file that is its only field, a form with files, else JSON.
 */
export function payloadOf(
  request: Record<string, unknown>,
): { body: BodyInit; headers: Record<string, string> } {
  if (!Object.values(request).some((value) => value instanceof Upload)) {
    return { body: JSON.stringify(request), headers: { "content-type": "application/json" } };
  }
  const [only, ...others] = Object.values(request);
  if (only instanceof Upload && others.length === 0) {
    return {
      body: only.bytes,
      headers: { "content-type": only.type || "application/octet-stream" },
    };
  }
  const form = new FormData();
  for (const [name, value] of Object.entries(request)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one instanceof Upload) {
        form.append(name, new File([one.bytes], one.name, { type: one.type }));
      } else if (one != null) form.append(name, String(one));
    }
  }
  // The boundary belongs to the content type: it is written with the body.
  return { body: form, headers: {} };
}
