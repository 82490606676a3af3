/*
 * Errors outside of an event that end a stream: llama.cpp's server wrote `error: {…}` instead of
 * `data:` (its server.cpp until 2025), Ollama writes {"error": "…"} as a separate line (its
 * streamResponse()). An SSE parser would ignore them as unknown fields, and the answer would look
 * interrupted.
 */

/** The error in a line that is not an event field; null for none. */
export function errorLine(line: string): string | null {
  const text = line.replace(/^error:\s*/, "");
  const isError = text === line ? /^\{\s*"error"\s*:\s*["{]/.test(line) : text.startsWith("{");
  return isError ? text : null;
}
