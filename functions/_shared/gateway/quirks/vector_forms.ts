/*
 * Vectors in another form than was asked for: openai 6 asks for base64 and decodes whatever comes (6.49.0
 * reads eight floats as two zeros), while Ollama, vLLM before 0.4 and others answer floats whatever is
 * asked. OpenAI's form is little-endian 32-bit floats (openai-openapi, CreateEmbeddingRequest, 21 November
 * 2026).
 */

/** The forms of a vector. */
export type VectorForm = "float" | "base64";

/**
 * Writes a vector in the form that was asked for.
 *
 * @returns null for base64 that does not encode a vector.
 */
export function vectorAs(form: VectorForm, vector: number[] | string): number[] | string | null {
  if (typeof vector === "string") return form === "base64" ? vector : decode(vector);
  return form === "float" ? vector : encode(vector);
}

function encode(vector: number[]): string {
  const view = new DataView(new ArrayBuffer(4 * vector.length));
  for (const [at, value] of vector.entries()) view.setFloat32(4 * at, value, true);
  return new Uint8Array(view.buffer).toBase64();
}

function decode(text: string): number[] | null {
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.fromBase64(text);
  } catch {
    return null;
  }
  if (bytes.length % 4 !== 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(4 * at, true));
}
