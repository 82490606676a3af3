/*
 * Vectors in an encoding other than the requested one: openai 6 requests base64 and decodes any
 * answer as such (6.49.0 reads eight floats as two zeros), while Ollama, vLLM before 0.4 and others
 * always send floats. OpenAI's form is little-endian 32-bit floats (openai-openapi,
 * CreateEmbeddingRequest, 21 November 2026).
 */

/** The encodings of a vector. */
export type VectorForm = "float" | "base64";

/**
 * Converts a vector to the requested encoding.
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
